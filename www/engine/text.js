// What the element says by itself: the states of its picture, for screen readers.

export const text = {
  unpainted: "Not painted yet",
  beingPainted: "Being painted",
  painted: "The painted picture",
};
