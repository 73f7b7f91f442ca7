import { useShownTheme } from '../theme.tsx';
import { lineColour, lineDash } from './colours.ts';

/** The colour and dashes of a chart's line, beside its name. */
export function Swatch({ line }: { line: number }) {
  const theme = useShownTheme();
  return (
    <svg class="swatch" viewBox="0 0 16 4" aria-hidden="true">
      <line
        x1="0"
        x2="16"
        y1="2"
        y2="2"
        stroke={lineColour(line, theme)}
        stroke-width="3"
        stroke-dasharray={lineDash(line)?.join(' ')}
      />
    </svg>
  );
}
