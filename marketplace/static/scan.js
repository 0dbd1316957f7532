// The provider's camera: a picture now and then goes to the server, which reads the QR. Without this file a photograph
// can be sent, and the digits can be typed.
(() => {
  "use strict";
  const box = document.querySelector("[data-scan]");
  if (!box || !navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return;
  const PAUSE = 500, SIDE = 960, QUALITY = 0.7, AGAIN = 4000;
  const words = box.dataset;
  const video = box.querySelector("video");
  const said = box.querySelector("[role=status]");
  const field = document.querySelector("#f-text");
  const canvas = document.createElement("canvas");
  const say = (text) => { if (said.textContent !== text) said.textContent = text; };
  let stream = null;
  box.hidden = false;

  const stop = () => {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    box.classList.remove("scan-on");
  };
  const picture = () => new Promise((done) => {
    const scale = Math.min(1, SIDE / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(done, "image/jpeg", QUALITY);
  });
  const act = (answer) => {
    if (answer.found === "code") {
      say(words.found);
      stop();
      field.value = answer.text;
      field.form.requestSubmit();
      return true;
    }
    if (answer.found === "voucher") {
      say(words.voucher);
      stop();
      location.assign(answer.url);
      return true;
    }
    say(answer.found === "other" ? words.other : words.looking);
    return false;
  };
  const look = async () => {
    if (!stream) return;
    let pause = PAUSE;
    if (video.videoWidth && !document.hidden) {
      try {
        const answer = await fetch(words.scan, {
          method: "POST",
          headers: {
            "Content-Type": "image/jpeg",
            "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
          },
          body: await picture(),
        });
        if (!answer.ok) throw new Error(answer.status);
        if (stream && act(await answer.json())) return;
      } catch {
        say(words.slow);
        pause = AGAIN;
      }
    }
    setTimeout(look, pause);
  };
  box.querySelector(".scan-start").addEventListener("click", async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 1280 } },
      });
    } catch {
      say(words.denied);
      return;
    }
    video.srcObject = stream;
    box.classList.add("scan-on");
    say(words.looking);
    await video.play();
    look();
  });
  addEventListener("pagehide", stop);
})();
