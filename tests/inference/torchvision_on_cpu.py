"""Lets PyPI's torchvision be imported beside a torch without CUDA. `install.py` puts this file into the environment.

PyPI's torchvision is linked against CUDA: its compiled half, which declares the operators `nms` and `qnms`, cannot be loaded, and then
its Python half fails on `import torchvision`, since it registers how the two behave. Declaring them is all that the import needs.
The processors of Qwen2.5-VL and Qwen2.5-Omni use `torchvision.transforms`, which is Python; `torchvision.ops.nms` stays unusable.
"""

import sys
from importlib.machinery import ModuleSpec

OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


class DeclareBeforeImport:
    """Finds nothing: it declares the operators when torchvision is looked for, so that torch is imported no sooner."""

    library: object = None
    """Kept, since torch forgets the operators of a library that is collected."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The other finders find the module."""
        if name == "torchvision" and self.library is None:
            import torch

            if torch.version.cuda is None and torch.version.hip is None:
                self.library = library = torch.library.Library("torchvision", "FRAGMENT")
                for operator in OPERATORS:
                    library.define(operator)
        return None


sys.meta_path.insert(0, DeclareBeforeImport())
