/* LTI client-side postMessage storage: https://www.imsglobal.org/spec/lti-cs-pm/v0p1
   Stores the proof of a login at the platform, or reads it, where the browser sends no cookie. */
import { find } from "./dom.js";
import { isFramed } from "./frame.js";
import { exchange, supportedMessage } from "./platform_messages.js";

const frameName = async (platform, subject) => (await supportedMessage(platform, subject)).frame || "_parent";

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
