// As much of XMPP as a member of a room needs: an anonymous login without encryption, joining, posting, counting what comes.
import { connect } from 'node:net';

const STREAM = "<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";
/** Time for one step of a login. */
const STEP_MS = 30_000;
/** Characters kept of what came while a step of the login is under way: more than any of its answers. */
const REST_CHARS_MAX = 65_536;
const BODY = '<body>';

class Member {
  #socket;
  #rest = '';
  #wanted;
  #onMessage;

  constructor(socket, onMessage) {
    this.#socket = socket;
    this.#onMessage = onMessage;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('close', () => this.#wanted?.failed(new Error('the connection is closed')));
  }

  async login() {
    await this.#say(STREAM, '</stream:features>');
    await this.#say("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>", '<success');
    await this.#say(STREAM, '</stream:features>');
    await this.#say("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", '</bind>');
  }

  /** Into the room, as its occupant of that name; makes it if it isn't there. */
  join(room, name) {
    return this.#say(`<presence to='${room}/${name}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>`, "<status code='110'/>");
  }

  post(room, text) {
    this.#socket.write(`<message to='${room}' type='groupchat'><body>${text}</body></message>`);
  }

  close() {
    this.#socket.destroy();
  }

  #say(text, until) {
    return new Promise((done, failed) => {
      const timer = setTimeout(() => failed(new Error(`nothing came that ends in ${until}`)), STEP_MS);
      const settle = (how) => (result) => {
        clearTimeout(timer);
        this.#wanted = undefined;
        how(result);
      };
      this.#wanted = { until, done: settle(done), failed: settle(failed) };
      this.#rest = '';
      this.#socket.write(text);
    });
  }

  #receive(chunk) {
    const text = this.#rest + chunk.toString('latin1');
    let end = 0;
    let at = text.indexOf(BODY);
    while (at >= 0) {
      const close = text.indexOf('</body>', at);
      if (close < 0) break;
      const from = text.indexOf('#', at) + 1;
      if (from > 0 && from < close) this.#onMessage?.(Number.parseInt(text.slice(from, close), 10));
      end = close;
      at = text.indexOf(BODY, end);
    }
    const wanted = this.#wanted;
    if (wanted !== undefined) {
      if (text.includes(wanted.until)) wanted.done();
      else {
        this.#rest = text.slice(Math.max(end, text.length - REST_CHARS_MAX));
        return;
      }
    }
    // A body that has begun, or what may be the beginning of its name.
    this.#rest = text.slice(at >= 0 ? at : Math.max(end, text.length - BODY.length + 1));
  }
}

/** Connects and logs in under a name that the server makes up. Rejects when the server refuses. */
export async function connectMember({ host, port, localAddress, onMessage }) {
  const socket = connect({ host, port, localAddress, noDelay: true });
  await new Promise((done, failed) => socket.once('connect', done).once('error', failed));
  socket.on('error', () => undefined);
  const member = new Member(socket, onMessage);
  try {
    await member.login();
  } catch (error) {
    member.close();
    throw error;
  }
  return member;
}
