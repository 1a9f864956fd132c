/* At the desk: take a phrase from the original by selecting it. Without this script it is typed. */
"use strict";

(function () {
  const button = document.getElementById("take-selection");
  const phrase = document.getElementById("id_added-phrase");
  const selected = document.getElementById("id_added-selected");
  if (!button || !phrase || !selected) {
    return;
  }
  let taken = null;

  function readSelection() {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) {
      return null;
    }
    const range = selection.getRangeAt(0);
    const piece = range.startContainer.parentElement && range.startContainer.parentElement.closest("[data-start]");
    if (!piece || !piece.closest("td.original") || range.startContainer.nodeType !== Node.TEXT_NODE) {
      return null;
    }
    const text = range.cloneContents();
    text.querySelectorAll(".ref").forEach((reference) => reference.remove());
    const words = text.textContent;
    if (!words.trim()) {
      return null;
    }
    // The server counts code points, the browser pairs of surrogates.
    const before = range.startContainer.data.slice(0, range.startOffset) + words.slice(0, words.search(/\S/));
    return { words: words.trim(), start: Number(piece.dataset.start) + Array.from(before).length };
  }

  button.closest("[hidden]").hidden = false;
  document.addEventListener("selectionchange", function () {
    taken = readSelection() || taken;
    button.disabled = !taken;
  });
  button.addEventListener("click", function () {
    phrase.value = taken.words;
    selected.value = taken.start;
    phrase.focus();
  });
  phrase.addEventListener("input", function () {
    selected.value = "";
  });
})();
