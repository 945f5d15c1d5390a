// Inlined into the page that a running study serves, as a module of its own, so it imports nothing.

const pauseMs = 2000;

/** Puts the content of the page as it is now in the place of the old, and keeps what the reader has set. */
function replace(text: string): void {
  const next = new DOMParser().parseFromString(text, "text/html");
  const sliders = new Map(
    [...document.querySelectorAll<HTMLInputElement>("figure input[type=range]")].map((one) => [
      one.id,
      one.value,
    ]),
  );
  const open = [...document.querySelectorAll<HTMLElement>("details[open][id]")].map(({ id }) => id);
  const focused = document.activeElement?.id ?? "";
  const y = scrollY;
  for (const id of ["content", "figures"]) document.getElementById(id)!.replaceWith(next.getElementById(id)!);
  for (const [id, value] of sliders) {
    const slider = document.getElementById(id) as HTMLInputElement | null;
    if (slider === null || Number(value) > Number(slider.max)) continue;
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused !== "") document.getElementById(focused)?.focus({ preventScroll: true });
  scrollTo({ top: y, behavior: "instant" });
  document.title = next.title;
}

function say(text: string): void {
  const note = document.getElementById("live")!;
  if (note.textContent !== text) note.textContent = text;
}

async function watch(): Promise<void> {
  let tag = document.documentElement.dataset["tag"] ?? "";
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    try {
      const answer = await fetch(location.pathname, { headers: { "if-none-match": tag }, cache: "no-store" });
      if (answer.status === 200) {
        if (document.querySelector("#tip:not([hidden])") !== null) continue;
        tag = answer.headers.get("etag") ?? "";
        replace(await answer.text());
      }
      if (answer.headers.get("x-run") === "ended") return say("The run has ended; this is its result.");
      say("Live: the page follows the run.");
    } catch {
      return say(
        "The run does not answer any more; this is its last known state. The same run command continues it.",
      );
    }
  }
}

void watch();
