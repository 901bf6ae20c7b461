/* Text compression.
 *
 * SCORM 1.2 stores 4,096 characters (cmi.suspend_data) for everything, and answers can be long. A context-mixing model
 * predicts the text bit by bit from the last 1 to 5 bytes and the current word, weighting its contexts by their recent
 * success; an arithmetic coder encodes the result, six bits per character of a safe alphabet.
 *
 *   pack(text)   -> characters of A-Z a-z 0-9 - _      (the byte count, then the coded bits)
 *   unpack(packed) -> the text, or null if it is not valid
 *
 * Every browser must be able to read it years later. So the code uses only + - * / on doubles and 32-bit integers, which
 * all engines compute identically (unlike Math.exp), and neither PRIMER nor a constant may ever change. A better coder
 * requires a new version of the state (see state.js).
 */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Trains the model before each text, so that the beginning is compressed too. */
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

const CONTEXTS = 7;
const TABLE_SIZE = 1 << 16;

function exponential(x) {
  // e^x by squaring: (1 + x/2^20)^(2^20), with operations that all engines compute identically
  let power = 1 + x / 1048576;
  for (let i = 0; i < 20; i += 1) power *= power;
  return power;
}

/* SQUASH[s] is the probability, in units of 1/65,536, for a score s from 0 to 4095 (2048: one half);
   STRETCH is the inverse, for a probability in units of 1/4,096. */
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

function encodeUtf8(text) {
  return new TextEncoder().encode(text);
}

function decodeUtf8(bytes) {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/* The predictor. `predict()`: the probability, in units of 1/65,536, that the next bit is 1; `update(bit)`: learn
   from the actual bit. */
function makeModel() {
  const chances = [];
  const counts = [];
  const bases = new Int32Array(CONTEXTS);
  const slots = new Int32Array(CONTEXTS);
  const inputs = new Float64Array(CONTEXTS);
  const weights = new Float64Array(CONTEXTS * CONTEXTS).fill(0.32);
  for (let i = 0; i < CONTEXTS; i += 1) {
    chances.push(new Uint16Array(TABLE_SIZE).fill(32768));
    counts.push(new Uint8Array(TABLE_SIZE));
  }
  let partial = 1; // the bits of this byte so far, after a leading 1
  let wordHash = 0;
  let history = []; // the last bytes, newest first
  let mixedChance = 32768;
  let weightSet = 0;

  function predict() {
    let sum = 0;
    let seenContexts = 0; // how many of the longer contexts were seen before: selects the weights
    for (let i = 0; i < CONTEXTS; i += 1) {
      const slot = (Math.imul(bases[i] + Math.imul(partial, 0x2f0b4c47), 0x3d4d51cb) >>> 16) & (TABLE_SIZE - 1);
      slots[i] = slot;
      const count = counts[i][slot];
      if (count > 0 && i > 0) seenContexts += 1;
      inputs[i] = count === 0 ? 0 : STRETCH[chances[i][slot] >> 4] * (count > 1 ? 0.7 : 0.9);
    }
    weightSet = seenContexts * CONTEXTS;
    for (let i = 0; i < CONTEXTS; i += 1) sum += inputs[i] * weights[weightSet + i];
    const score = Math.floor(sum * 170 + 2048.5);
    mixedChance = SQUASH[score < 0 ? 0 : score > 4095 ? 4095 : score];
    mixedChance = mixedChance < 48 ? 48 : mixedChance > 65488 ? 65488 : mixedChance;
    return mixedChance;
  }

  function update(bit) {
    const error = ((bit << 16) - mixedChance) / 65536;
    for (let i = 0; i < CONTEXTS; i += 1) {
      weights[weightSet + i] += error * inputs[i] * 0.008;
      const table = chances[i];
      const slot = slots[i];
      const count = counts[i][slot];
      const target = bit === 1 ? 65535 : 0;
      table[slot] = Math.floor(table[slot] + (target - table[slot]) / (count + 1.3));
      if (count < 40) counts[i][slot] = count + 1;
    }
    partial = partial * 2 + bit;
    if (partial > 255) nextByte(partial & 255);
  }

  function nextByte(byte) {
    partial = 1;
    history = [byte, history[0] || 0, history[1] || 0, history[2] || 0, history[3] || 0];
    const isLetter = byte > 127 || (byte > 96 && byte < 123) || (byte > 64 && byte < 91);
    wordHash = isLetter ? Math.imul(wordHash + (byte < 91 ? byte + 32 : byte), 0x2c9277b5) : 0;
    let hash = 0;
    for (let i = 1; i < 6; i += 1) {
      hash = Math.imul(hash + history[i - 1] + 1, 0x5bd1e995) ^ (hash >>> 13);
      bases[i] = Math.imul(hash + i, 0x1b873593);
    }
    bases[6] = Math.imul(wordHash + 7, 0x1b873593);
  }

  return { predict, update };
}

function makePrimedModel() {
  const model = makeModel();
  encodeUtf8(PRIMER).forEach((byte) => {
    for (let bit = 7; bit >= 0; bit -= 1) {
      model.predict();
      model.update((byte >> bit) & 1);
    }
  });
  return model;
}

/* The last value between low and high that encodes a 1. */
function splitPoint(low, high, chance) {
  return low + Math.floor(((high - low) * chance) / 65536);
}

function pack(text) {
  const bytes = encodeUtf8(text);
  if (bytes.length === 0) return "A";
  const model = makePrimedModel();
  const codedBytes = [];
  let low = 0;
  let high = 0xffffffff;
  bytes.forEach((byte) => {
    for (let shift = 7; shift >= 0; shift -= 1) {
      const bit = (byte >> shift) & 1;
      const split = splitPoint(low, high, model.predict());
      model.update(bit);
      if (bit === 1) high = split;
      else low = split + 1;
      while ((low ^ high) >>> 24 === 0) {
        codedBytes.push(high >>> 24);
        low = (low << 8) >>> 0;
        high = ((high << 8) | 255) >>> 0;
      }
    }
  });
  codedBytes.push(low >>> 24); // the decoder continues with ones, which stays below high
  return writeCount(bytes.length) + toLetters(codedBytes);
}

function unpack(packed) {
  const count = readCount(packed);
  if (count === null) return null;
  const codedBytes = toBytes(packed.slice(count.length));
  const bytes = new Uint8Array(count.value);
  const model = makePrimedModel();
  let position = 0;
  const next = () => (position < codedBytes.length ? codedBytes[position++] : 255);
  let low = 0;
  let high = 0xffffffff;
  let value = ((next() << 24) | (next() << 16) | (next() << 8) | next()) >>> 0;
  for (let i = 0; i < bytes.length; i += 1) {
    let byte = 0;
    for (let shift = 7; shift >= 0; shift -= 1) {
      const split = splitPoint(low, high, model.predict());
      const bit = value <= split ? 1 : 0;
      model.update(bit);
      if (bit === 1) high = split;
      else low = split + 1;
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
    return decodeUtf8(bytes);
  } catch (error) {
    return null;
  }
}

/* A count in letters of five bits each, the lowest first; the sixth bit is set if more follow. */
function writeCount(value) {
  let letters = "";
  let rest = value;
  do {
    const more = rest > 31 ? 32 : 0;
    letters += ALPHABET[(rest & 31) + more];
    rest = Math.floor(rest / 32);
  } while (rest > 0);
  return letters;
}

function readCount(letters) {
  let value = 0;
  for (let i = 0; i < 5 && i < letters.length; i += 1) {
    const number = ALPHABET.indexOf(letters[i]);
    if (number < 0) return null;
    value += (number & 31) * Math.pow(32, i);
    if (number < 32) return value > 4194304 ? null : { value, length: i + 1 };
  }
  return null;
}

function toLetters(bytes) {
  let letters = "";
  let bits = 0;
  let size = 0;
  bytes.forEach((byte) => {
    bits = (bits << 8) | byte;
    size += 8;
    while (size >= 6) {
      size -= 6;
      letters += ALPHABET[(bits >> size) & 63];
    }
    bits &= (1 << size) - 1;
  });
  return size > 0 ? letters + ALPHABET[(bits << (6 - size)) & 63] : letters;
}

function toBytes(letters) {
  const bytes = [];
  let bits = 0;
  let size = 0;
  for (const letter of letters) {
    bits = (bits << 6) | (ALPHABET.indexOf(letter) & 63);
    size += 6;
    if (size >= 8) {
      size -= 8;
      bytes.push((bits >> size) & 255);
      bits &= (1 << size) - 1;
    }
  }
  return bytes;
}
