const light = `--paper: #ffffff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --grid: #eaeef2; --shade: #f0e9dc; --accent: #0550ae; --focus: #0550ae;
  --good: #116329; --bad: #a40e26; --open: #7a4e00; --series-1: #0a58a8; --series-2: #b34700; --series-3: #00705a; --series-4: #8f2d7a; --series-5: #6b5b00; --series-6: #4b4f9e;`;
const dark = `--paper: #14171b; --ink: #e6eaee; --soft: #a4aeb8; --line: #3b434c; --grid: #262c33; --shade: #332d20; --accent: #7cb7ff; --focus: #7cb7ff;
  --good: #6fd28a; --bad: #ff8f8f; --open: #e8bc5a; --series-1: #63b0ff; --series-2: #ff9e57; --series-3: #46cfae; --series-4: #ee92d8; --series-5: #dcca55; --series-6: #aab0ff;`;

/** Style of a report: light and dark by the reader's preference or the page's button, one column on a phone, ink on paper in print. */
export const pageStyle = `
:root, [data-theme="light"] { color-scheme: light; ${light} }
@media (prefers-color-scheme: dark) { :root:not([data-theme]) { color-scheme: dark; ${dark} } }
:root[data-theme="dark"] { color-scheme: dark; ${dark} }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
header, main, footer { max-width: 88rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.25rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; margin: 2.2rem 0 .4rem; padding-top: .6rem; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; } section > h3 { margin: 1.4rem 0 .4rem; } section > details { margin-top: .5rem; }
sup, sub { line-height: 0; font-size: .75em; } .law { display: inline-block; }
p { margin: .4rem 0; max-width: 75ch; }
a { color: var(--accent); }
.soft, .caption { color: var(--soft); font-size: .875rem; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: .6rem 0 0; padding: 0; }
button, summary { font: inherit; font-size: .875rem; color: var(--accent); cursor: pointer; }
button { background: none; border: 1px solid var(--line); border-radius: .4rem; padding: .25rem .7rem; min-height: 2rem; }
button:hover { border-color: var(--accent); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.scroll { overflow-x: auto; } details > .scroll { max-height: 36rem; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--grid); vertical-align: top; white-space: nowrap; }
th { font-weight: 600; border-bottom-color: var(--line); }
td.number, th.number { text-align: right; }
td.words { white-space: normal; min-width: 11rem; } td details { max-width: 26rem; } td summary { color: var(--ink); } td .nowrap { white-space: nowrap; }
.cards td.number .nowrap { display: block; } .cards td:not(.name):not(.words) { white-space: normal; } .cards th { vertical-align: bottom; } .cards th.number { white-space: normal; max-width: 8.5rem; }
.consistent { color: var(--good); font-weight: 600; } .inconsistent { color: var(--bad); font-weight: 600; } .inconclusive, .refused { color: var(--open); font-weight: 600; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21.5rem), 1fr)); gap: 1.2rem; margin: .8rem 0; }
figure { margin: 0; padding: .7rem; border: 1px solid var(--line); border-radius: .6rem; min-width: 0; break-inside: avoid; }
.picture { display: block; width: 100%; max-width: 34rem; height: auto; overflow: visible; color: var(--ink); fill: currentColor; font: 12px system-ui, sans-serif; touch-action: manipulation; }
figcaption { margin-top: .5rem; }
.picture .chosen { stroke: var(--ink); stroke-width: 2.5; fill-opacity: 1; }
.picture [data-marks="replicates"] { cursor: pointer; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .5rem; align-items: center; }
.actions details { flex-basis: 100%; } .actions .scroll { max-height: 18rem; }
label.slider { display: flex; gap: .6rem; align-items: center; font-size: .875rem; } label.slider input { flex: 1; min-height: 2rem; accent-color: var(--accent); }
output { min-width: 4.5rem; font-variant-numeric: tabular-nums; }
#tip { position: absolute; z-index: 2; max-width: min(26rem, calc(100vw - 16px)); background: var(--paper); border: 1px solid var(--soft); border-radius: .4rem; padding: .5rem .7rem;
  font-size: .8rem; box-shadow: 0 4px 14px rgb(0 0 0 / 25%); }
#tip span { display: block; } #tip code { display: block; margin: .2rem 0; }
code, pre { font: .8125rem/1.45 ui-monospace, SFMono-Regular, Consolas, monospace; overflow-wrap: anywhere; } pre { overflow: auto; max-height: 30rem; border: 1px solid var(--line); border-radius: .4rem; padding: .7rem; }
.stage { position: absolute; left: -9999px; }
#live { font-weight: 600; }
footer { margin: 2.5rem auto; }
@media screen and (max-width: 45rem) {
  .cards, .cards tbody, .cards tr, .cards td.words { display: block; } .cards td { display: inline-block; margin-right: .9rem; white-space: normal; text-align: left; min-width: 0; padding: 0; border: 0; } .cards thead { display: none; }
  .cards tr { padding: .6rem 0; border-bottom: 1px solid var(--line); } .cards td:not(.name)::before { content: attr(data-title) ": "; color: var(--soft); } .cards td details { display: inline-block; vertical-align: top; }
  .cards td.name { font-weight: 600; } .cards td.number .nowrap { display: inline; }
}
@media screen and (min-width: 45rem) and (max-width: 62rem) { .cards, .cards summary { font-size: .8125rem; } .cards th, .cards td { padding-right: .5rem; } .cards td.words { min-width: 7.1rem; } .cards .law { display: block; white-space: normal; } }
@media (min-width: 30rem) { .head { display: flex; justify-content: space-between; align-items: start; gap: 1rem; } }
@media print {
  @page { margin: 12mm; }
  :root, :root[data-theme="dark"], :root:not([data-theme]) { color-scheme: light; ${light} }
  body { font-size: 10pt; } .actions, nav, #theme, #tip, .screen, label.slider input { display: none !important; } .scroll { overflow: visible; max-height: none; }
  header, main, footer { padding: 0; } p { max-width: none; } table, code, .soft, .caption { font-size: 7.5pt; } pre { max-height: none; font-size: 7pt; }
  th, td, td.words { white-space: normal; min-width: 0; padding-right: .5rem; } td details { max-width: none; } td summary { list-style: none; font-size: 7.5pt; } td.name { white-space: nowrap; } .nowrap { white-space: nowrap; }
  section > details, td details:not([open]) > summary::marker { content: ""; } section > details:not([open]) { display: none; }
  td details::details-content { content-visibility: visible; display: block; }
  .figures { grid-template-columns: repeat(2, 1fr); } h2, h3 { break-after: avoid; } table { break-inside: auto; } tr { break-inside: avoid; }
}
`;
