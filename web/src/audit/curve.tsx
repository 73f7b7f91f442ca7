/** Error rates over the threshold from which a graded reward accepts. */
import type { AuditAnswer } from '../api.ts';
import { ticks } from '../chart/data.ts';
import { number, percent } from '../format.ts';

const width = 720;
const height = 240;
const box = { left: 48, right: 12, top: 12, bottom: 34 };

const lines = [
  { name: 'accuracy', label: 'accuracy', class: 'line-good' },
  { name: 'falsePositiveRate', label: 'wrongly accepted', class: 'line-bad' },
  { name: 'falseNegativeRate', label: 'wrongly rejected', class: 'line-warn' },
] as const;

export function Curve({ curve, threshold }: { curve: AuditAnswer['curve']; threshold: number | null }) {
  const low = curve[0]!.threshold;
  const high = Math.max(curve.at(-1)!.threshold, low + 1e-9);
  const x = (value: number) => box.left + ((value - low) / (high - low)) * (width - box.left - box.right);
  const y = (value: number) => height - box.bottom - value * (height - box.top - box.bottom);
  const used = curve.reduce(
    (best, each) =>
      Math.abs(each.threshold - (threshold ?? low)) < Math.abs(best.threshold - (threshold ?? low))
        ? each
        : best,
    curve[0]!,
  );
  const said = lines.map(({ name, label }) => `${label} ${percent(used[name])}`).join(', ');
  return (
    <section class="panel curve" aria-label="Threshold curve">
      <header>
        <h3>Accepted from a threshold on</h3>
        {lines.map(({ name, label, class: tone }) => (
          <span key={name} class={`curve-key ${tone}`}>
            <svg viewBox="0 0 16 4" aria-hidden="true">
              <line x1="0" x2="16" y1="2" y2="2" />
            </svg>
            {label}
          </span>
        ))}
        {threshold !== null && (
          <span class="muted push">
            at {number(threshold)}: {said}
          </span>
        )}
      </header>
      <svg
        class="body"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Error rates over the threshold from ${number(low)} to ${number(high)}; at ${number(used.threshold)}: ${said}`}
      >
        {[0, 0.25, 0.5, 0.75, 1].map((tick) => (
          <g key={tick}>
            <line class="grid" x1={box.left} x2={width - box.right} y1={y(tick)} y2={y(tick)} />
            <text x={box.left - 6} y={y(tick) + 4} text-anchor="end">
              {100 * tick}%
            </text>
          </g>
        ))}
        {ticks(low, high, 8).map((tick) => (
          <text key={tick} x={x(tick)} y={height - box.bottom + 16} text-anchor="middle">
            {number(tick)}
          </text>
        ))}
        <text x={(box.left + width - box.right) / 2} y={height - 4} text-anchor="middle">
          threshold
        </text>
        {threshold !== null && threshold >= low && threshold <= high && (
          <line class="used" x1={x(threshold)} x2={x(threshold)} y1={box.top} y2={height - box.bottom} />
        )}
        {lines.map(({ name, class: tone }) => (
          <polyline
            key={name}
            class={tone}
            points={curve
              .filter((each) => each[name] !== null)
              .map((each) => `${x(each.threshold).toFixed(1)},${y(each[name]!).toFixed(1)}`)
              .join(' ')}
          />
        ))}
      </svg>
    </section>
  );
}
