/* Messages to the LMS's page that it answers: https://www.imsglobal.org/spec/lti-cs-pm/v0p1 */
import { randomKey } from "./requests.js";

const TIMEOUT = { "lti.capabilities": 500, "lti.put_data": 1500, "lti.get_data": 2000 };

/* Send a message to a window of this origin; resolve with the answer. The timeout is in milliseconds. */
export function exchange(target, origin, message, timeout = TIMEOUT[message.subject]) {
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

/* The entry of a message among those that the LMS's page supports: { subject, frame }. */
export async function supportedMessage(platform, subject, timeout) {
  const response = await exchange(platform, "*", { subject: "lti.capabilities" }, timeout);
  const supported = (response.supported_messages ?? []).find((message) => message.subject === subject);
  if (!supported) throw new Error("unsupported_subject");
  return supported;
}
