/**
 * Colours of lines in the two themes: told apart with the common colour blindnesses, at least 3:1 against the background. From the
 * fifth line on lines are dashed too, so that no line is known by its colour alone.
 */
const light = ['#1a56b0', '#c2410c', '#0f7a55', '#9d1fb0', '#8a6100', '#0e7490', '#b4232c', '#55606f'];
const dark = ['#7fb0ff', '#ff9d5c', '#5fd3a0', '#e58cf5', '#e3bd55', '#62cbe0', '#ff8f8f', '#a7b1c0'];

export function lineColour(place: number, theme: 'light' | 'dark'): string {
  const colours = theme === 'dark' ? dark : light;
  return colours[place % colours.length]!;
}

export function lineDash(place: number): number[] | undefined {
  return place < 4
    ? undefined
    : [
        [6, 3],
        [2, 3],
        [8, 3, 2, 3],
      ][Math.floor(place / 4 - 1) % 3];
}

/** A colour of #rrggbb with an opacity. */
export function faded(colour: string, opacity: number): string {
  return `${colour}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, '0')}`;
}

/** The colour that a custom property means now: light-dark() is only resolved where it is used. */
export function cssColour(property: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${property})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
