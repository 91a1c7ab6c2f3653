/** A call that was not answered by a result. */
export class CallFailure extends Error {
  constructor(code, type) {
    super(code === 0 ? type : `${code} ${type}`);
    this.code = code;
    this.type = type;
  }

  /** An error that says that nothing was done. Everything else leaves that open: no answer, errors of the server, waits, and a repetition that finds its work done. */
  get refusal() {
    return this.code >= 400 && this.code < 500 && this.code !== 420 && this.type !== 'MESSAGE_NOT_MODIFIED';
  }
}
