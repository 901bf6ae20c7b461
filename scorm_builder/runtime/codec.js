/* Text compression.
 *
 * SCORM 1.2 stores 4,096 characters for everything (cmi.suspend_data), and people write long answers. So the text is
 * predicted bit by bit from its context (the last 1 to 5 bytes, and the current word), the predictions are weighted by
 * their recent success, and an arithmetic coder encodes the result, six bits to a character of a safe alphabet.
 *
 *   pack(text)   -> characters of A-Z a-z 0-9 - _      (a count of bytes, then the coded bits)
 *   unpack(word) -> the text, or null if it is not valid
 *
 * Any browser must be able to read it years later: so only + - * / on doubles and on 32-bit integers are used, which
 * all engines compute identically (Math.exp is not among them), and neither PRIMER nor a constant may ever change. A
 * better coder is a new version of the state (see state.js).
 */

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Learned before every text, so that the beginning is compressed too. */
const PRIMER =
  '{"question-1":"La cooperación entre las ciudades y los países del Sur permite que las personas trabajen por el desarrollo ' +
  'económico local. Creo que sí, porque también es una forma de compartir experiencias, además de los derechos de las mujeres. ' +
  'En mi ciudad hay una cooperativa para la economía social y solidaria. Por ejemplo, con los gobiernos locales se puede.\\n' +
  'The cooperation of the cities and the countries of the South is about people who work for local economic development. ' +
  'I think that this is a way to share what they have learned with other women and men. In our city there are cooperatives. ' +
  'For example, it would be possible to help them because of their experience.\\n' +
  'La coopération entre les villes et les pays du Sud est une manière de partager des expériences pour le développement ' +
  "économique local, avec les femmes et les hommes qui travaillent. Je pense que c'est possible dans notre ville, parce qu'il y a.\\n" +
  'A cooperação entre as cidades e os países do Sul é uma forma de partilhar experiências para o desenvolvimento econômico ' +
  'local, com as mulheres e os homens que trabalham. Não há também uma economia solidária em nossa cidade, mas são as pessoas.' +
  'التعاون بين المدن في الجنوب من أجل التنمية الاقتصادية المحلية على أن هذا","question-2":"';

const ORDERS = 7;
const TABLE = 1 << 16;

function exponential(x) {
  // e^x by squaring: (1 + x/2^20)^(2^20), with the three operations that engines agree on
  let power = 1 + x / 1048576;
  for (let i = 0; i < 20; i += 1) power *= power;
  return power;
}

/* SQUASH[s] is the chance (of 65,536) for a score s from 0 to 4095, where 2048 means even;
   STRETCH is the way back, for a chance given in 4,096 parts. */
const SQUASH = new Uint16Array(4096);
const STRETCH = new Float64Array(4096);
(function tables() {
  for (let i = 0; i < 4096; i += 1) {
    SQUASH[i] = Math.min(65535, Math.max(1, Math.floor(65536 / (1 + exponential((2048 - i) / 170)))));
  }
  let score = 0;
  for (let chance = 0; chance < 4096; chance += 1) {
    while (score < 4095 && SQUASH[score] < chance * 16 + 8) score += 1;
    STRETCH[chance] = (score - 2048) / 170;
  }
})();

function bytesOf(text) {
  return new TextEncoder().encode(text);
}

function textOf(bytes) {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/* The predictor. `chance()` of 65,536 that the next bit is 1; `learn(bit)` updates it with the actual bit. */
function makeModel() {
  const chances = [];
  const counts = [];
  const bases = new Int32Array(ORDERS);
  const slots = new Int32Array(ORDERS);
  const inputs = new Float64Array(ORDERS);
  const weights = new Float64Array(ORDERS * ORDERS).fill(0.32);
  for (let i = 0; i < ORDERS; i += 1) {
    chances.push(new Uint16Array(TABLE).fill(32768));
    counts.push(new Uint8Array(TABLE));
  }
  let partial = 1; // the bits of this byte so far, after a leading 1
  let word = 0;
  let history = []; // the last bytes, newest first
  let mixed = 32768;
  let set = 0;

  function chance() {
    let sum = 0;
    let known = 0; // how many of the longer contexts were met before: they choose the weights
    for (let i = 0; i < ORDERS; i += 1) {
      const slot = (Math.imul(bases[i] + Math.imul(partial, 0x2f0b4c47), 0x3d4d51cb) >>> 16) & (TABLE - 1);
      slots[i] = slot;
      const count = counts[i][slot];
      if (count > 0 && i > 0) known += 1;
      inputs[i] = count === 0 ? 0 : STRETCH[chances[i][slot] >> 4] * (count > 1 ? 0.7 : 0.9);
    }
    set = known * ORDERS;
    for (let i = 0; i < ORDERS; i += 1) sum += inputs[i] * weights[set + i];
    const score = Math.floor(sum * 170 + 2048.5);
    mixed = SQUASH[score < 0 ? 0 : score > 4095 ? 4095 : score];
    mixed = mixed < 48 ? 48 : mixed > 65488 ? 65488 : mixed;
    return mixed;
  }

  function learn(bit) {
    const error = ((bit << 16) - mixed) / 65536;
    for (let i = 0; i < ORDERS; i += 1) {
      weights[set + i] += error * inputs[i] * 0.008;
      const table = chances[i];
      const slot = slots[i];
      const count = counts[i][slot];
      const goal = bit === 1 ? 65535 : 0;
      table[slot] = Math.floor(table[slot] + (goal - table[slot]) / (count + 1.3));
      if (count < 40) counts[i][slot] = count + 1;
    }
    partial = partial * 2 + bit;
    if (partial > 255) nextByte(partial & 255);
  }

  function nextByte(byte) {
    partial = 1;
    history = [byte, history[0] || 0, history[1] || 0, history[2] || 0, history[3] || 0];
    const letter = byte > 127 || (byte > 96 && byte < 123) || (byte > 64 && byte < 91);
    word = letter ? Math.imul(word + (byte < 91 ? byte + 32 : byte), 0x2c9277b5) : 0;
    let hash = 0;
    for (let i = 1; i < 6; i += 1) {
      hash = Math.imul(hash + history[i - 1] + 1, 0x5bd1e995) ^ (hash >>> 13);
      bases[i] = Math.imul(hash + i, 0x1b873593);
    }
    bases[6] = Math.imul(word + 7, 0x1b873593);
  }

  return { chance, learn };
}

function makePrimedModel() {
  const model = makeModel();
  bytesOf(PRIMER).forEach((byte) => {
    for (let bit = 7; bit >= 0; bit -= 1) {
      model.chance();
      model.learn((byte >> bit) & 1);
    }
  });
  return model;
}

/* The point between low and high where a 1 ends and a 0 begins. */
function divide(low, high, chance) {
  return low + Math.floor(((high - low) * chance) / 65536);
}

function pack(text) {
  const bytes = bytesOf(text);
  if (bytes.length === 0) return "A";
  const model = makePrimedModel();
  const coded = [];
  let low = 0;
  let high = 0xffffffff;
  bytes.forEach((byte) => {
    for (let place = 7; place >= 0; place -= 1) {
      const bit = (byte >> place) & 1;
      const middle = divide(low, high, model.chance());
      model.learn(bit);
      if (bit === 1) high = middle;
      else low = middle + 1;
      while ((low ^ high) >>> 24 === 0) {
        coded.push(high >>> 24);
        low = (low << 8) >>> 0;
        high = ((high << 8) | 255) >>> 0;
      }
    }
  });
  coded.push(low >>> 24); // and the reader goes on with ones, which stays below high
  return writeCount(bytes.length) + lettersOf(coded);
}

function unpack(packed) {
  const count = readCount(packed);
  if (count === null) return null;
  const coded = numbersOf(packed.slice(count.length));
  const bytes = new Uint8Array(count.value);
  const model = makePrimedModel();
  let at = 0;
  const next = () => (at < coded.length ? coded[at++] : 255);
  let low = 0;
  let high = 0xffffffff;
  let value = ((next() << 24) | (next() << 16) | (next() << 8) | next()) >>> 0;
  for (let i = 0; i < bytes.length; i += 1) {
    let byte = 0;
    for (let place = 7; place >= 0; place -= 1) {
      const middle = divide(low, high, model.chance());
      const bit = value <= middle ? 1 : 0;
      model.learn(bit);
      if (bit === 1) high = middle;
      else low = middle + 1;
      while ((low ^ high) >>> 24 === 0) {
        low = (low << 8) >>> 0;
        high = ((high << 8) | 255) >>> 0;
        value = ((value << 8) | next()) >>> 0;
      }
      byte = byte * 2 + bit;
    }
    bytes[i] = byte;
  }
  try {
    return textOf(bytes);
  } catch (error) {
    return null;
  }
}

/* A count in letters of five bits each, the lowest first; the sixth bit says that more follow. */
function writeCount(value) {
  let letters = "";
  let rest = value;
  do {
    const more = rest > 31 ? 32 : 0;
    letters += LETTERS[(rest & 31) + more];
    rest = Math.floor(rest / 32);
  } while (rest > 0);
  return letters;
}

function readCount(letters) {
  let value = 0;
  for (let i = 0; i < 5 && i < letters.length; i += 1) {
    const number = LETTERS.indexOf(letters[i]);
    if (number < 0) return null;
    value += (number & 31) * Math.pow(32, i);
    if (number < 32) return value > 4194304 ? null : { value, length: i + 1 };
  }
  return null;
}

function lettersOf(bytes) {
  let letters = "";
  let bits = 0;
  let size = 0;
  bytes.forEach((byte) => {
    bits = (bits << 8) | byte;
    size += 8;
    while (size >= 6) {
      size -= 6;
      letters += LETTERS[(bits >> size) & 63];
    }
    bits &= (1 << size) - 1;
  });
  return size > 0 ? letters + LETTERS[(bits << (6 - size)) & 63] : letters;
}

function numbersOf(letters) {
  const bytes = [];
  let bits = 0;
  let size = 0;
  for (const letter of letters) {
    bits = (bits << 6) | (LETTERS.indexOf(letter) & 63);
    size += 6;
    if (size >= 8) {
      size -= 8;
      bytes.push((bits >> size) & 255);
      bits &= (1 << size) - 1;
    }
  }
  return bytes;
}
