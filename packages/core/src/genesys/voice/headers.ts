/** The version of a call, including quotes and `W/`. */
export const ETAG = 'etag';
