/** How deep a client's request may nest (objects and vectors). A deeper one is an INPUT_FETCH_ERROR. */
export const REQUEST_DEPTH_MAX = 16;
/** How many objects a client's request may hold: 64 Ki objects of the widest constructor stay below 64 MB. Beyond: INPUT_FETCH_ERROR. */
export const REQUEST_OBJECTS_MAX = 65_536;
/** The same for bytes that our own services wrote (results, stored rows). */
export const OBJECT_DEPTH_MAX = 64;
export const OBJECT_COUNT_MAX = 4_194_304;
/** TL's own limit of a string or of bytes: a 24-bit length. */
export const STRING_BYTES_MAX = 0xff_ff_ff;
/** First size of the buffer that objects are written into; it grows by doubling and is kept between calls up to WRITE_BUFFER_KEPT_BYTES. */
export const WRITE_BUFFER_BYTES = 64 * 1024;
export const WRITE_BUFFER_KEPT_BYTES = 1024 * 1024;
