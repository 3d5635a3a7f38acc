const [picture, button, output] = ["easel-canvas", "button", "output"].map((name) => document.querySelector(name));
button.onclick = () => picture.start();
picture.addEventListener("progress", ({ detail }) => (output.value = `${detail.iteration} of ${detail.iterations}`));
picture.addEventListener("finish", ({ detail }) => (output.value = `Done: ${detail.width} × ${detail.height}`));
picture.addEventListener("error", ({ detail }) => (output.value = detail.message));
