"""Tidy checks as pure functions from a syntax tree or a text to what is wrong with it."""

import ast
import re
from collections.abc import Iterator

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 400
POSITIONAL_MAX = 4
BLOB_BYTES_MAX = 200_000

Function = ast.FunctionDef | ast.AsyncFunctionDef

BANNED_IMPORTS = frozenset(
    [
        "asyncio",
        "builtins",
        "concurrent",
        "contextvars",
        "ctypes",
        "fcntl",
        "glob",
        "http",
        "importlib",
        "io",
        "logging",
        "mmap",
        "multiprocessing",
        "os",
        "pathlib",
        "pkgutil",
        "platform",
        "queue",
        "random",
        "sched",
        "secrets",
        "select",
        "selectors",
        "shutil",
        "signal",
        "socket",
        "sqlite3",
        "ssl",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "uuid",
        "warnings",
    ]
)
BANNED_CALLS = frozenset(
    [
        "__import__",
        "breakpoint",
        "compile",
        "delattr",
        "eval",
        "exec",
        "globals",
        "input",
        "open",
        "print",
    ]
)
BANNED_METHODS = frozenset(["now", "utcnow", "today"])
MONEY_WORDS = frozenset(
    [
        "amount",
        "balance",
        "cash",
        "equity",
        "exposure",
        "fee",
        "headroom",
        "margin",
        "notional",
        "pnl",
        "price",
        "quantity",
    ]
)
_OPEN_MARKS = "TODO|FIXME|HACK|XXX"
OPEN_MARK = re.compile(rf"\b(?:{_OPEN_MARKS})\b(?!\(#\d+\))")
MACHINE_PATH = re.compile(r"(?<![\w.~/)-])/(?:root|work)/\w+")
_HOSTS = r"pypi\.org|pythonhosted|registry\.npmjs|piwheels"
REGISTRY_HOST = re.compile(rf"(?:{_HOSTS})", re.IGNORECASE)


def functions(tree: ast.Module) -> Iterator[tuple[str, Function, bool]]:
    """Yield (qualified name, function, whether it is a method) of a file, nested ones too."""
    pending: list[tuple[str, ast.AST, bool]] = [("", tree, False)]
    while pending:
        prefix, parent, is_class = pending.pop()
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, Function):
                yield prefix + node.name, node, is_class
                pending.append((f"{prefix}{node.name}.", node, False))
            elif isinstance(node, ast.ClassDef):
                pending.append((f"{prefix}{node.name}.", node, True))
            else:
                pending.append((prefix, node, is_class))


def long_functions(tree: ast.Module) -> dict[str, int]:
    """Return name -> lines of every function that is too long, decorators not counted."""
    lengths = {name: (node.end_lineno or 0) - node.lineno + 1 for name, node, _ in functions(tree)}
    return {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES_MAX}


def crowded_functions(tree: ast.Module) -> dict[str, int]:
    """Return name -> count of every function with too many positional parameters."""
    counts = {}
    for name, node, is_method in functions(tree):
        parameters = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
        if is_method and parameters[:1] in (["self"], ["cls"]):
            del parameters[0]
        counts[name] = len(parameters)
    return {name: count for name, count in counts.items() if count > POSITIONAL_MAX}


def lacks_docstring(tree: ast.Module) -> bool:
    """Tell whether a file does not start with a docstring."""
    return not ast.get_docstring(tree)


def does_more_than_explain(tree: ast.Module) -> bool:
    """Tell whether an __init__.py holds anything but its docstring."""
    return lacks_docstring(tree) or len(tree.body) != 1


def impurities(tree: ast.Module) -> list[str]:
    """Return what in a file of floors 0-2 could touch the world: imports, calls, await, globals."""
    found = []
    for node in ast.walk(tree):
        what = _impurity(node)
        if what:
            found.append(f"line {getattr(node, 'lineno', 0)}: {what}")
    return found


def _impurity(node: ast.AST) -> str:
    match node:
        case ast.Import(names=names):
            banned = [name.name for name in names if name.name.split(".")[0] in BANNED_IMPORTS]
            return f"import {', '.join(banned)}" if banned else ""
        case ast.ImportFrom(module=str(module)) if module.split(".")[0] in BANNED_IMPORTS:
            return f"from {module} import"
        case ast.Call(func=ast.Name(id=name)) if name in BANNED_CALLS:
            return f"{name}()"
        case ast.Call(func=ast.Attribute(attr=name)) if name in BANNED_METHODS:
            return f".{name}()"
        case ast.Await() | ast.AsyncFunctionDef() | ast.AsyncFor() | ast.AsyncWith():
            return "async"
        case ast.Global(names=names):
            return f"global {', '.join(names)}"
        case _:
            return ""


def float_money(tree: ast.Module) -> list[str]:
    """Return the names that sound like money, price or quantity and are annotated as float."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                pass
            case ast.arg(arg=name, annotation=ast.expr() as annotation):
                pass
            case _:
                continue
        words = set(name.lower().split("_"))
        types = {part.id for part in ast.walk(annotation) if isinstance(part, ast.Name)}
        if words & MONEY_WORDS and "float" in types:
            found.append(f"line {node.lineno}: {name}: float")
    return found


def text_faults(text: str) -> list[str]:
    """Return open marks without an issue number, paths of one machine, and registries' hosts."""
    return [
        f"line {number}: {match.group()}"
        for number, line in enumerate(text.splitlines(), start=1)
        for pattern in (OPEN_MARK, MACHINE_PATH, REGISTRY_HOST)
        if (match := pattern.search(line))
    ]


def imported_names(tree: ast.Module, module: str, *, is_package: bool) -> set[str]:
    """Return every dotted name a file may load: its imports, and texts that are module names."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found.update(name.name for name in names)
            case ast.ImportFrom(module=str(base), names=names, level=0):
                found.add(base)
                found.update(f"{base}.{name.name}" for name in names)
            case ast.Constant(value=str(text)) if re.fullmatch(r"hfl\w*(\.\w+)+", text):
                found.add(text)
            case _:
                pass
    found.discard(module if not is_package else "")
    return found
