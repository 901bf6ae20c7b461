/* LTI client-side postMessage storage: https://www.imsglobal.org/spec/lti-cs-pm/v0p1
   Stores the proof of a login at the platform, or reads it, where the browser sends no cookie. */
import { find } from "./dom.js";
import { isFramed } from "./frame.js";
import { randomKey } from "./requests.js";

const TIMEOUT = { "lti.capabilities": 500, "lti.put_data": 1500, "lti.get_data": 2000 };

function exchange(target, origin, message, timeout = TIMEOUT[message.subject]) {
  return new Promise((resolve, reject) => {
    const messageId = randomKey();
    const finish = (settle, value) => {
      clearTimeout(timer);
      window.removeEventListener("message", receive);
      settle(value);
    };
    const receive = ({ data, origin: sender }) => {
      if (typeof data !== "object" || data?.message_id !== messageId) return;
      if (origin !== "*" && sender !== origin) return;
      if (data.subject !== `${message.subject}.response`) return;
      if (data.error) finish(reject, new Error(data.error.code));
      else finish(resolve, data);
    };
    const timer = setTimeout(() => finish(reject, new Error("timeout")), timeout);
    window.addEventListener("message", receive);
    try {
      target.postMessage({ ...message, message_id: messageId }, origin);
    } catch (error) {
      finish(reject, error);
    }
  });
}

/* The frame for messages of a subject, if the LMS's page says that it knows them. */
export async function frameName(platform, subject, timeout) {
  const response = await exchange(platform, "*", { subject: "lti.capabilities" }, timeout);
  const supported = (response.supported_messages ?? []).find((message) => message.subject === subject);
  if (!supported) throw new Error("unsupported_subject");
  return supported.frame || "_parent";
}

async function store({ storage, storageTarget, platformOrigin, key, value }) {
  const platform = isFramed ? window.parent : window.opener;
  if (!platform) throw new Error("no platform window");
  const subject = `lti.${storage}_data`;
  const name = storageTarget || await frameName(platform, subject);
  const target = name === "_parent" ? platform : platform.frames[name];
  if (!target) throw new Error("no such frame");
  const message = storage === "put" ? { subject, key, value } : { subject, key };
  return (await exchange(target, platformOrigin, message)).value;
}

function put(element) {
  const goOn = () => window.location.replace(element.dataset.continueHref);
  store(element.dataset).then(goOn, goOn);
}

function get(element) {
  const showFallback = () => {
    element.hidden = true;
    document.getElementById(element.dataset.fallback).hidden = false;
  };
  store(element.dataset).then((proof) => {
    if (!proof) return showFallback();
    element.elements.proof.value = proof;
    element.submit();
  }).catch(showFallback);
}

const element = find("[data-storage]");
if (element) (element.dataset.storage === "put" ? put : get)(element);
