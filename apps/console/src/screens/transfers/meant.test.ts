import { expect, it } from 'vitest';
import { meant } from './meant.ts';

it.each([
  ['  call-1 ', 'call-1'],
  ['"call-1"', 'call-1'],
  ['https://handover.example/console/transfers/0c0e-1?x=1', '0c0e-1'],
  ['/api/transfers/a%20b/events', 'a b'],
  ['/transfers/%E0%A4%A', '%E0%A4%A'],
  ['<script>', '<script>'],
  ['', ''],
])('understands %s', (typed, text) => expect(meant(typed)).toBe(text));
