// Inlined into the page as a module of its own, so it imports nothing.

/** What the page holds about its figures, as the report writes it into `#figures`. */
interface PageData {
  readonly database: string;
  readonly figures: Readonly<
    Record<
      string,
      {
        readonly design?: string;
        readonly replicates?: readonly (readonly (readonly [string, number, number])[])[];
      }
    >
  >;
}

/** A mark under the pointer or the arrow keys. */
interface Chosen {
  readonly figure: HTMLElement;
  readonly mark: SVGElement;
  readonly text: string;
  readonly command: string;
}

/** How near the pointer must come, in CSS pixels: a finger's width. */
const reach = 16;
const plain = /^[\w./-]+$/;

let chosen: Chosen | null = null;

/** The parsed data of the page; a live page replaces the element, and its old data with it. */
const parsed = new WeakMap<Element, PageData>();

function pageData(): PageData {
  const element = document.getElementById("figures")!;
  const data = parsed.get(element) ?? (JSON.parse(element.textContent) as PageData);
  parsed.set(element, data);
  return data;
}

function tip(): HTMLElement {
  return document.getElementById("tip")!;
}

function pictureOf(figure: Element): SVGSVGElement | null {
  return figure.querySelector<SVGSVGElement>(".pictures > div:not([hidden]) > svg");
}

function marksOf(picture: SVGSVGElement): SVGElement[] {
  return [...picture.querySelectorAll<SVGElement>('[data-marks="replicates"] > *')];
}

function describe(figure: HTMLElement, index: number): Chosen | null {
  const picture = pictureOf(figure);
  const mark = picture === null ? undefined : marksOf(picture)[index];
  const data = pageData();
  const own = data.figures[figure.id];
  const shown = [...figure.querySelectorAll(".pictures > div")].findIndex(
    (one) => !one.hasAttribute("hidden"),
  );
  const replicate = own?.replicates?.[shown]?.[index];
  if (mark === undefined || replicate === undefined) return null;
  const [text, n, number] = replicate;
  const file = plain.test(data.database)
    ? data.database
    : `'${data.database.replaceAll("'", String.raw`'\''`)}'`;
  return {
    figure,
    mark,
    text: `replicate ${number}, ${text}`,
    command: `moe-rates replay ${file} --design ${own?.design ?? ""}/${n} --replicate ${number}`,
  };
}

function choose(next: Chosen | null): void {
  chosen?.mark.classList.remove("chosen");
  chosen = next;
  const box = tip();
  box.hidden = next === null;
  if (next === null) return;
  next.mark.classList.add("chosen");
  const [words, code, hint] = [...box.children] as HTMLElement[];
  words.textContent = next.text;
  code.textContent = next.command;
  hint.textContent = "click or Enter copies the command";
  const at = next.mark.getBoundingClientRect();
  const [width, height] = [box.offsetWidth, box.offsetHeight];
  const left = Math.min(
    Math.max(8, at.x + at.width / 2 - width / 2),
    document.documentElement.clientWidth - width - 8,
  );
  const above = at.y - height - 10;
  box.style.left = `${Math.max(8, left) + scrollX}px`;
  box.style.top = `${(above < 8 ? at.bottom + 10 : above) + scrollY}px`;
}

async function copy(): Promise<void> {
  if (chosen === null) return;
  const hint = tip().lastElementChild!;
  try {
    await navigator.clipboard.writeText(chosen.command);
    hint.textContent = "copied";
  } catch {
    getSelection()?.selectAllChildren(tip().children[1]);
    hint.textContent = "the browser keeps the clipboard closed here; the command is selected";
  }
}

/** Index of the mark nearest to the pointer, -1 when none is in reach. */
function nearest(picture: SVGSVGElement, { clientX, clientY }: PointerEvent): number {
  let [best, distance] = [-1, reach];
  marksOf(picture).forEach((mark, index) => {
    const { x, y, width, height } = mark.getBoundingClientRect();
    const own = Math.hypot(x + width / 2 - clientX, y + height / 2 - clientY);
    if (own < distance) [best, distance] = [index, own];
  });
  return best;
}

function pointed(event: PointerEvent): void {
  const target = event.target as Element;
  if (target.closest("#tip") !== null) return;
  const figure = target.closest<HTMLElement>("figure");
  const picture = figure === null ? null : pictureOf(figure);
  if (figure === null || picture === null || !picture.contains(target)) return choose(null);
  const index = nearest(picture, event);
  choose(index < 0 ? null : describe(figure, index));
}

document.addEventListener("pointermove", pointed);
document.addEventListener("click", (event) => {
  pointed(event);
  if ((event.target as Element).closest("svg, #tip") !== null) void copy();
});
document.addEventListener("focusout", () => choose(null));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return choose(null);
  const figure = document.activeElement as HTMLElement | null;
  const picture = figure?.matches("figure") === true ? pictureOf(figure) : null;
  if (figure === null || picture === null) return;
  if (event.key === "Enter") return void copy();
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const marks = marksOf(picture);
  if (step === undefined || marks.length === 0) return;
  event.preventDefault();
  const at = chosen?.figure === figure ? marks.indexOf(chosen.mark) : step > 0 ? -1 : marks.length;
  choose(describe(figure, (at + step + marks.length) % marks.length));
});
