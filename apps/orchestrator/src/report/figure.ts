import { parseHTML } from "linkedom";
import type { Html } from "./html.ts";

/** One picture of a report, with the numbers behind it. */
export interface Figure {
  /** Unique in its report; letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  readonly caption: Html;
  /** One picture, or several of which one is shown: `label` says which. */
  readonly pictures: readonly { readonly label: string; readonly svg: string }[];
  /** What the pictures are for, where there are several: "n". */
  readonly sliderLabel?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
  /** Per picture: its replicates in the order of its `replicateMarks`. */
  readonly replicates?: readonly (readonly ReplicateMark[])[];
  /** Design of all its replicates. */
  readonly design?: string;
}

/** A mark that stands for one replicate: what to say about it, and which replicate it is. */
export type ReplicateMark = readonly [text: string, n: number, replicate: number];

/** Width of every picture in CSS pixels: a phone's, so that its letters are as large there as on a desk. */
export const pictureWidth = 420;

/** Label of the group of marks that stand for replicates. */
export const replicateMarks = "replicates";

/** An empty document for pictures: no browser, no request. */
export function pictureDocument(): ReturnType<typeof parseHTML>["document"] {
  return parseHTML("<!doctype html><html><body></body></html>").document;
}

/** What is used of an element that the plotting library returns. */
interface PictureElement {
  readonly outerHTML: string;
  querySelectorAll(selector: string): Iterable<{
    remove(): void;
    getAttribute(name: string): string | null;
    setAttribute(name: string, value: string): void;
    removeAttribute(name: string): void;
  }>;
  setAttribute(name: string, value: string): void;
}

/** Markup of a plot: one labelled image to a screen reader, coordinates to a hundredth of a pixel, no style of its own, so that the page's
 *  colours hold. The group of replicates is marked for the page's script. */
export function pictureMarkup(plot: PictureElement, label: string): string {
  for (const style of plot.querySelectorAll("style")) style.remove();
  for (const group of plot.querySelectorAll("[aria-label], [aria-description], [aria-hidden]")) {
    if (group.getAttribute("aria-description") === replicateMarks)
      group.setAttribute("data-marks", replicateMarks);
    for (const name of ["aria-label", "aria-description", "aria-hidden"]) group.removeAttribute(name);
  }
  plot.setAttribute("class", "picture");
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", label);
  plot.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return plot.outerHTML.replace(coordinates, (attribute) =>
    attribute.replace(/-?\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2)))),
  );
}

/** Attributes that hold places and lengths; text and labels keep their digits. */
const coordinates = /\s(?:d|x|y|x1|x2|y1|y2|cx|cy|r|width|height|transform)="[^"]*"/g;
