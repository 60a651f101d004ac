"use strict";
// Passkeys are the one thing on these pages that needs a script. Without one, or without passkeys in
// the browser, the button stays hidden and everything else works as it does.
const form = document.querySelector("form[data-passkey]");
const button = document.getElementById("passkey");
const fault = document.getElementById("passkey-fault");

/** The challenge that the page came with, or a fresh one that is nobody's yet. */
async function asked() {
  if (form.dataset.passkey) {
    return { challenge: form.elements.challenge.value, options: JSON.parse(form.dataset.passkey) };
  }
  const answer = await fetch("/sessions/passkey/options", {
    method: "POST",
    headers: { "Florin-CSRF": "1" },
  });
  if (!answer.ok) {
    throw new Error(`options: ${answer.status}`);
  }
  return answer.json();
}

async function sign() {
  button.disabled = true;
  fault.hidden = true;
  try {
    const { challenge, options } = await asked();
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = await navigator.credentials.get({ publicKey });
    form.elements.challenge.value = challenge;
    form.elements.credential.value = JSON.stringify(credential);
    form.submit(); // not requestSubmit(): no field has to be filled in
  } catch {
    fault.hidden = false; // refused, cancelled or out of time: the browser has said which
    button.disabled = false;
  }
}

if (form && globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  button.hidden = false;
  button.addEventListener("click", sign);
}
