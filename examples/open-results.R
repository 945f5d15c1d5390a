# Opens the results of a study in R and fits a slope, with base R alone.
#
#   npx moe-rates export study.duckdb --csv study-csv
#   Rscript examples/open-results.R study-csv
#
# With the package duckdb no export is needed:
#   DBI::dbGetQuery(DBI::dbConnect(duckdb::duckdb(), "study.duckdb", read_only = TRUE), "SELECT * FROM rates")

folder <- commandArgs(trailingOnly = TRUE)[1]
table <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), stringsAsFactors = FALSE)

losses <- subset(table("losses"), loss == "regression-l2" & component == "total")
rows <- merge(merge(losses, table("design_points")), table("designs")[c("design", "fit")])
medians <- aggregate(value ~ fit + k + n, rows, median)
for (design in split(medians, list(medians$fit, medians$k), drop = TRUE)) {
  slope <- coef(lm(log(value) ~ log(n), design))[["log(n)"]]
  cat(sprintf("%s, k = %d: slope %.3f over %d sample sizes\n", design$fit[1], design$k[1], slope, nrow(design)))
}
