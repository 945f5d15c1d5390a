// Inlined into the page as a module of its own, so it imports nothing.

interface Numbers {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
}

/** Attributes in which a picture names colours of the page. */
const coloured = ["fill", "stroke", "color"] as const;

function numbersOf(figure: HTMLElement): Numbers {
  const data = JSON.parse(document.getElementById("figures")!.textContent) as {
    figures: Record<string, Numbers>;
  };
  return data.figures[figure.id];
}

/** RFC 4180: a field is quoted where it holds a comma, a quote or a line end. */
function csvOf({ columns, rows }: Numbers): string {
  const field = (value: string | number | boolean | null): string => {
    const text = value === null ? "" : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

/** The shown picture on its own: light colours written out, white paper, a title. */
function standAlone(figure: HTMLElement): SVGSVGElement {
  const stage = document.createElement("div");
  stage.dataset["theme"] = "light";
  stage.className = "stage";
  const copy = figure.querySelector(".pictures > div:not([hidden]) > svg")!.cloneNode(true) as SVGSVGElement;
  stage.append(copy);
  document.body.append(stage);
  const palette = getComputedStyle(stage);
  for (const element of [copy, ...copy.querySelectorAll("*")]) {
    element.classList.remove("chosen");
    for (const name of coloured) {
      const variable = /^var\((--[\w-]+)\)$/.exec(element.getAttribute(name) ?? "")?.[1];
      if (variable !== undefined) element.setAttribute(name, palette.getPropertyValue(variable).trim());
    }
  }
  const { width, height } = copy.viewBox.baseVal;
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  copy.setAttribute("font-family", "system-ui, sans-serif");
  copy.setAttribute("fill", "currentColor");
  copy.setAttribute("color", palette.getPropertyValue("--ink").trim());
  const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of Object.entries({
    width: "100%",
    height: "100%",
    fill: "white",
    stroke: "none",
  }))
    paper.setAttribute(name, value);
  const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
  title.textContent = figure.dataset["title"] ?? "";
  copy.prepend(title, paper);
  stage.remove();
  return copy;
}

async function pngOf(picture: SVGSVGElement): Promise<Blob> {
  const { width, height } = picture.viewBox.baseVal;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture.outerHTML)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  const scale = 3;
  [canvas.width, canvas.height] = [width * scale, height * scale];
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error("no picture")) : resolve(blob)), "image/png");
  });
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function download(figure: HTMLElement, kind: string): Promise<void> {
  const name = `${document.documentElement.dataset["study"] ?? "study"}-${figure.id}.${kind}`;
  if (kind === "csv") return save(new Blob([csvOf(numbersOf(figure))], { type: "text/csv" }), name);
  const picture = standAlone(figure);
  if (kind === "svg") return save(new Blob([picture.outerHTML], { type: "image/svg+xml" }), name);
  save(await pngOf(picture), name);
}

/** The numbers as a table, built when they are first asked for. */
function showNumbers(details: HTMLDetailsElement): void {
  const figure = details.closest<HTMLElement>("figure");
  if (!details.open || figure === null || details.querySelector("table") !== null) return;
  const { columns, rows } = numbersOf(figure);
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const column of columns) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = column;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const value of row) line.insertCell().textContent = value === null ? "" : String(value);
  }
  const frame = document.createElement("div");
  frame.className = "scroll";
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", "numbers of the figure");
  frame.append(table);
  details.append(frame);
}

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("button[data-save]");
  const figure = button?.closest<HTMLElement>("figure");
  if (button && figure) void download(figure, button.dataset["save"]!);
});
document.addEventListener("toggle", (event) => showNumbers(event.target as HTMLDetailsElement), true);
