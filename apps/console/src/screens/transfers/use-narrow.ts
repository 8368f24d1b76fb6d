import { useSyncExternalStore } from 'react';

/** As the style sheets have it. */
const narrow = matchMedia('(max-width: 48rem)');

function listen(onChange: () => void): () => void {
  narrow.addEventListener('change', onChange);
  return () => narrow.removeEventListener('change', onChange);
}

/** Whether the window is as narrow as that of a phone. */
export function useNarrow(): boolean {
  return useSyncExternalStore(listen, () => narrow.matches);
}
