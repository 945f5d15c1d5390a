import type { Figure } from "./figure.ts";
import { fragment, trustedHtml } from "./html.ts";
import type { Html } from "./html.ts";

/** A figure with its slider, its downloads and its numbers. The last picture is shown first: the largest n. */
export function figureMarkup(figure: Figure): Html {
  const last = figure.pictures.length - 1;
  const described = (figure.replicates?.length ?? 0) > 0;
  return fragment`<figure id="${figure.id}" tabindex="0" data-title="${figure.title}">
    <h3>${figure.title}</h3>
    <div class="pictures">
      ${figure.pictures.map(
        ({ label, svg }, index) =>
          fragment`<div data-label="${label}" ${index < last && trustedHtml(" hidden")}>
            ${trustedHtml(svg)}
          </div>`,
      )}
    </div>
    ${last > 0 && slider(figure, last)}
    <figcaption class="caption">
      ${figure.caption}${described && fragment`<span class="screen"> Arrow keys go through the replicates.</span>`}
    </figcaption>
    <div class="actions">
      ${(["svg", "png", "csv"] as const).map(
        (kind) =>
          fragment`<button
            type="button"
            data-save="${kind}"
            aria-label="download ${figure.title} as ${kind.toUpperCase()}"
          >
            ${kind.toUpperCase()}
          </button>`,
      )}
      <details id="${figure.id}-numbers"><summary>Numbers</summary></details>
    </div>
  </figure>`;
}

function slider({ id, title, sliderLabel, pictures }: Figure, last: number): Html {
  const label = pictures[last].label;
  return fragment`<label class="slider"
    >${sliderLabel}
    <input
      type="range"
      id="${id}-slider"
      min="0"
      max="${last}"
      value="${last}"
      step="1"
      aria-label="${sliderLabel} of ${title}"
      aria-valuetext="${label}"
    /><output>${label}</output></label
  >`;
}
