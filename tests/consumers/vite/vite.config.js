// Nothing but what the package's README says.
export default {
  optimizeDeps: { exclude: ["easel-engine", "easel-weights"] },
  build: { outDir: "out", emptyOutDir: true },
};
