import { percent } from './parts.ts';

type Meter = { label: string; value: number; most: number; isBad?: boolean };

/** How much of a whole, as a bar with its figures, which say the same. */
export function Meter({ label, value, most, isBad = false }: Meter) {
  const share = percent(value, most);
  const figures = `${value.toLocaleString()} of ${most.toLocaleString()} (${share} %)`;
  return (
    <div>
      <div className="small meter-words">
        <span>{label}</span>
        <span>{figures}</span>
      </div>
      <div className={`progress ${isBad ? 'bad' : ''}`} aria-hidden="true">
        <div style={{ width: `${share}%` }} />
      </div>
    </div>
  );
}
