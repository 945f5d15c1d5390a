// Inlined into the page as a module of its own, so it imports nothing.

/** Shows the picture that a slider stands at. */
function turn(slider: HTMLInputElement): void {
  const pictures = [...slider.closest("figure")!.querySelectorAll<HTMLElement>(".pictures > div")];
  const shown = Number(slider.value);
  pictures.forEach((picture, index) => picture.toggleAttribute("hidden", index !== shown));
  const label = pictures[shown]?.dataset["label"] ?? "";
  slider.setAttribute("aria-valuetext", label);
  slider.closest("label")!.querySelector("output")!.textContent = label;
}

document.addEventListener("input", (event) => {
  const slider = event.target as HTMLInputElement;
  if (slider.matches("figure input[type=range]")) turn(slider);
});

document.addEventListener("click", (event) => {
  if ((event.target as Element).closest("#theme") === null) return;
  const root = document.documentElement;
  const dark =
    root.dataset["theme"] === undefined
      ? matchMedia("(prefers-color-scheme: dark)").matches
      : root.dataset["theme"] === "dark";
  root.dataset["theme"] = dark ? "light" : "dark";
});
