// One contender each: `prepare(size)` returns `step()`, which takes one step and waits for its loss,
// and `close()`.
/* global tf */
import { contentLayer, learningRate, network, random, styleLayers, weightOf } from "./network.js";

const pixels = (size) => random(size * size * 3, 6).map((v) => Math.abs(v) % 1);

function easel(backend) {
  return {
    name: `Easel ${backend === "cpu" ? "CPU" : "WebGPU"}`,
    async prepare(size) {
      const { Stylizer } = await import("/stylizer.js");
      const stylizer = await Stylizer.create({ backend });
      await stylizer.prepare();
      const image = (seed) => {
        const values = random(size * size * 4, 6, seed).map((v) => 255 * (Math.abs(v) % 1));
        return new ImageData(Uint8ClampedArray.from(values, (v, i) => (i % 4 === 3 ? 255 : v)), size, size);
      };
      const config = { preset: "classic", size, iterations: 5000, previewEvery: 0 };
      const job = stylizer.start({ content: image(1), styles: [{ image: image(2) }], config });
      job.pause();
      let failure = null;
      job.finished.catch((error) => (failure = error));
      const step = () =>
        new Promise((resolve, reject) => {
          if (failure) reject(failure);
          job.addEventListener("progress", ({ detail }) => (job.pause(), resolve(detail)), { once: true });
          job.resume();
        });
      return { step, close: () => stylizer.dispose() };
    },
  };
}

function tensorflow(backend, name) {
  return {
    name,
    async prepare(size) {
      await tf.setBackend(backend);
      const filters = network.map((layer) =>
        layer === "pool" ? layer : tf.tensor4d(random(9 * layer[0] * layer[1], 9 * layer[0]), [3, 3, ...layer]),
      );
      const biases = network.map((layer) => (layer === "pool" ? null : tf.zeros([layer[1]])));
      const forward = (image) => {
        const taps = [];
        filters.reduce((x, filter, i) => {
          if (filter === "pool") return tf.maxPool(x, 2, 2, "valid");
          const y = tf.fused.conv2d({ x, filter, strides: 1, pad: "same", bias: biases[i], activation: "relu" });
          taps.push(y);
          return y;
        }, image);
        return taps;
      };
      const gram = (maps) => {
        const [, h, w, c] = maps.shape;
        const f = maps.reshape([h * w, c]);
        return tf.matMul(f, f, true, false).div(c * h * w);
      };
      const [content, style] = [pixels(size), random(size * size * 3, 6, 2).map((v) => Math.abs(v) % 1)];
      const shape = [1, size, size, 3];
      const contentTarget = tf.tidy(() => forward(tf.tensor4d(content, shape))[contentLayer]);
      const styleTargets = tf.tidy(() => {
        const taps = forward(tf.tensor4d(style, shape));
        return styleLayers.map((layer) => gram(taps[layer]));
      });
      const image = tf.variable(tf.tensor4d(content, shape));
      const optimizer = tf.train.adam(learningRate, 0.9, 0.99, 1e-8);
      const loss = () => {
        const taps = forward(image);
        let total = taps[contentLayer].sub(contentTarget).square().mean().mul(weightOf.content);
        styleLayers.forEach((layer, i) => {
          total = total.add(gram(taps[layer]).sub(styleTargets[i]).square().mean().mul(weightOf.style));
        });
        const differ = (axis) => {
          const begin = [0, 0, 0, 0];
          const length = [1, size, size, 3];
          length[axis] -= 1;
          const from = tf.slice(image, begin, length);
          begin[axis] = 1;
          return tf.slice(image, begin, length).sub(from).square().mean();
        };
        return total.add(differ(1).add(differ(2)).mul(weightOf.tv));
      };
      return {
        async step() {
          await tf.setBackend(backend);
          const value = optimizer.minimize(loss, true, [image]);
          await value.data();
          value.dispose();
          tf.tidy(() => image.assign(image.clipByValue(0, 1)));
          await tf.slice(image, [0, 0, 0, 0], [1, 1, 1, 1]).data();
        },
        close: () => tf.disposeVariables(),
      };
    },
  };
}

const jax = {
  name: "jax-js WebGPU",
  async prepare(size) {
    const { init, defaultDevice, jit, lax, nn, numpy: np, valueAndGrad, blockUntilReady } = await import("@jax-js/jax");
    await init("webgpu");
    defaultDevice("webgpu");
    const filters = network
      .filter((layer) => layer !== "pool")
      .map(([inputs, outputs]) => np.array(random(9 * inputs * outputs, 9 * inputs)).reshape([outputs, inputs, 3, 3]));
    const forward = (image, filters) => {
      const taps = [];
      let x = image;
      let next = 0;
      for (const layer of network) {
        if (layer === "pool") {
          const [n, c, h, w] = x.shape;
          x = np.max(x.reshape([n, c, h / 2, 2, w / 2, 2]), [3, 5]);
        } else {
          x = nn.relu(lax.conv(x, filters[next++], [1, 1], "SAME"));
          taps.push(x.ref);
        }
      }
      x.dispose();
      return taps;
    };
    const gram = (maps) => {
      const [, c, h, w] = maps.shape;
      const f = maps.reshape([c, h * w]);
      return np.matmul(f.ref, np.matrixTranspose(f)).mul(1 / (c * h * w));
    };
    const mean = (difference) => np.mean(np.square(difference));
    const loss = (image, filters, contentTarget, styleTargets) => {
      const taps = forward(image.ref, filters);
      let total = mean(taps[contentLayer].sub(contentTarget)).mul(weightOf.content);
      styleLayers.forEach((layer, i) => {
        total = total.add(mean(gram(taps[layer]).sub(styleTargets[i])).mul(weightOf.style));
      });
      taps.forEach((tap, i) => {
        if (i !== contentLayer && !styleLayers.includes(i)) tap.dispose();
      });
      const right = image.ref.slice([], [], [], [1, size]).sub(image.ref.slice([], [], [], [0, size - 1]));
      const down = image.ref.slice([], [], [1, size]).sub(image.slice([], [], [0, size - 1]));
      return total.add(mean(right).add(mean(down)).mul(weightOf.tv));
    };
    const step = jit((image, m, v, filters, contentTarget, styleTargets) => {
      const [value, gradient] = valueAndGrad(loss)(image.ref, filters, contentTarget, styleTargets);
      const first = m.mul(0.9).add(gradient.ref.mul(0.1));
      const second = v.mul(0.99).add(np.square(gradient).mul(0.01));
      const moved = image.sub(first.ref.mul(learningRate).div(np.sqrt(second.ref).add(1e-8)));
      return [value, np.clip(moved, 0, 1), first, second];
    });
    const picture = () => np.array(pixels(size)).reshape([1, 3, size, size]);
    const refs = () => filters.map((filter) => filter.ref);
    const targets = forward(picture(), refs());
    const contentTarget = targets[contentLayer].ref;
    const styleTargets = styleLayers.map((layer) => gram(targets[layer].ref));
    let state = [picture(), np.zeros([1, 3, size, size]), np.zeros([1, 3, size, size])];
    return {
      async step() {
        const [value, ...next] = step(...state, refs(), contentTarget.ref, styleTargets.map((target) => target.ref));
        state = next;
        await blockUntilReady(state);
        await value.data();
      },
      close() {},
    };
  },
};

export const contenders = {
  easel: easel("webgpu"),
  cpu: easel("cpu"),
  tfjs: tensorflow("webgpu", "TensorFlow.js WebGPU"),
  wasm: tensorflow("wasm", "TensorFlow.js wasm SIMD"),
  jax,
};
