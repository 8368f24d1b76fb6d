const PER_PAGE = 100;

/** The rows of a page, whose number stands in the URL; a number that there is not means the nearest. */
export function pageOf<Row>(rows: readonly Row[], page: string | undefined) {
  const count = Math.max(1, Math.ceil(rows.length / PER_PAGE));
  const wanted = Number.parseInt(page ?? '1', 10);
  const number = Number.isNaN(wanted) ? 1 : Math.min(count, Math.max(1, wanted));
  return { rows: rows.slice((number - 1) * PER_PAGE, number * PER_PAGE), number, count };
}
