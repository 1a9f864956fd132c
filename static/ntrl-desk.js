/* At the desk: take a phrase from the original by selecting it (without this script it is typed), and ask before what
   was written is left behind. */
"use strict";

(function () {
  const corrections = document.getElementById("corrections");
  if (!corrections) {
    return;
  }
  // What the server refused is in the form again, and not yet saved either.
  let isDirty = corrections.hasAttribute("data-refused");
  corrections.addEventListener("input", function () {
    isDirty = true;
  });
  corrections.addEventListener("submit", function () {
    isDirty = false;
  });
  document.querySelectorAll("form.leaves").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      if (isDirty && !window.confirm("What you have written above is not saved and will be lost. Go on?")) {
        event.preventDefault();
      } else {
        isDirty = false;
      }
    });
  });
  window.addEventListener("beforeunload", function (event) {
    if (isDirty) {
      event.preventDefault();
    }
  });
})();

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
    const cell = piece && piece.closest("td.original");
    // One cell is one paragraph; a selection over two of them runs through the neutral text between.
    if (!cell || !cell.contains(range.endContainer) || range.startContainer.nodeType !== Node.TEXT_NODE) {
      return null;
    }
    const text = range.cloneContents();
    text.querySelectorAll(".ref, .visually-hidden").forEach((reference) => reference.remove());
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
