"""The recipes name options, files and packages that exist: Spack's, run with stand-ins for Spack, and
Apptainer's, taken apart. Usage: recipes.py PROJECT BUILD"""
import itertools
import pathlib
import re
import subprocess
import sys
import types

PROJECT, BUILD = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
SPACK = PROJECT / "packaging/spack/spack_repo/dissensus"
VARIABLES_OF_CMAKE = {"BUILD_SHARED_LIBS"}
failures = []


def check(right, text):
    if not right and text not in failures:
        failures.append(text)


# --- Spack ---------------------------------------------------------------------------------


class Spec:
    def __init__(self, chosen):
        self.chosen = chosen
        self.variants = {name: types.SimpleNamespace(value=value) for name, value in chosen.items()}

    def __contains__(self, text):
        return self.chosen[text[1:]] is (text[0] == "+")


class CMakePackage:
    """As much of Spack's class as the recipe uses."""

    def __init__(self, **chosen):
        self.spec = Spec(chosen)

    def define(self, name, value):
        if isinstance(value, (list, tuple)):
            value = ";".join(value)
        return name, {True: "ON", False: "OFF"}.get(value, value)

    def define_from_variant(self, name, variant):
        return self.define(name, self.spec.chosen[variant])


def run_recipe(name, asked):
    """The recipe's class; what it depends on, its variants and versions go to asked."""

    def record(kind):
        return lambda *words, **options: asked.append((kind, words, options))

    spack = types.ModuleType("spack.package")
    for kind in ("depends_on", "variant", "version", "license", "generator"):
        setattr(spack, kind, record(kind))
    spack.run_after = spack.on_package_attributes = lambda *words, **options: lambda function: function
    spack.Executable = None
    stubs = {"spack": types.ModuleType("spack"), "spack.package": spack}
    for module, names in (("cmake", {"CMakePackage": CMakePackage}), ("autotools", {"AutotoolsPackage": object}),
                          ("cuda", {"CudaPackage": type("CudaPackage", (), {})})):
        stubs[f"spack_repo.builtin.build_systems.{module}"] = types.SimpleNamespace(**names)
    for package in ("spack_repo", "spack_repo.builtin", "spack_repo.builtin.build_systems"):
        stubs[package] = types.ModuleType(package)
    sys.modules.update(stubs)
    path = SPACK / "packages" / name / "package.py"
    space = {"__file__": str(path), "__name__": name}
    exec(compile(path.read_text(), str(path), "exec"), space)
    return space[name.capitalize()]


def options_of_project():
    text = "".join(path.read_text() for path in [PROJECT / "CMakeLists.txt", *(PROJECT / "cmake").glob("*.cmake")])
    return set(re.findall(r"^option\((\w+)", text, re.M)) | set(re.findall(r"set\((\w+)[^)]*\sCACHE\s", text))


def cached():
    lines = (BUILD / "CMakeCache.txt").read_text().splitlines()
    return {line.split(":")[0] for line in lines if re.match(r"\w+:", line)}


def check_spack():
    asked = []
    recipe = run_recipe("dissensus", asked)
    known = options_of_project() & (cached() | {"DSS_CUDA"})
    check(len(known) >= 5, f"hardly any option found in the project: {sorted(known)}")
    known |= VARIABLES_OF_CMAKE
    variants = [words[0] for kind, words, _ in asked if kind == "variant"] + ["cuda"]
    check(sorted(variants) == ["cuda", "figures", "mpi", "shared"], f"variants {variants}")
    for values in itertools.product((True, False), repeat=len(variants)):
        for arch in (("none",), ("80", "90")):
            given = dict(recipe(**dict(zip(variants, values)), cuda_arch=arch).cmake_args())
            unknown = set(given) - known
            check(not unknown, f"Spack sets what CMake does not know: {sorted(unknown)}")
            on = dict(zip(variants, values))["cuda"]
            wanted = "80-real;90-real" if on and arch[0] != "none" else None
            check(given.get("DSS_CUDA_ARCHITECTURES") == wanted, f"architectures of {arch}: {given}")
            check(given["DSS_CUDA"] == ("ON" if on else "OFF"), f"DSS_CUDA: {given}")
    check(recipe.git == PROJECT.resolve().as_uri(), f"the recipe builds {recipe.git}")
    check((SPACK / "repo.yaml").read_text().startswith("repo:\n  namespace: dissensus\n"), "repo.yaml")

    # Every library that CMake looks for is depended on, by Spack's name for it.
    names = {"HDF5": "hdf5", "OpenSSL": "openssl", "ZLIB": "zlib-api", "PkgConfig": "pkgconfig", "MPI": "mpi",
             "openblas": "openblas", "jansson": "jansson", "csv": "libcsv", "unistring": "libunistring",
             "uthash.h": "uthash", "Random123/philox.h": "random123", "CUDAToolkit": "cuda",
             "csv.h": "libcsv", "cairo": "cairo", "pangocairo": "pango", "unistr.h": "libunistring", "OpenMP": None, "nvcc": "cuda", "Threads": None}
    needed = [words[0] for kind, words, _ in asked if kind == "depends_on"]
    needed = {re.split(r"[@+~ ]", each)[0] for each in needed}
    text = "".join((PROJECT / "cmake" / name).read_text() for name in ("dependencies.cmake", "libraries.cmake"))
    looked_for = re.findall(r"find_package\((\w+)", text) + re.findall(r"find_(?:library|path|program)\(\w+ (\S+)", text)
    looked_for += re.findall(r"IMPORTED_TARGET (\w+)", text)
    modules = re.search(r"set\(DSS_FIGURES_MODULES ([^)]*)\)", text).group(1)
    looked_for += [each for each in re.findall(r"[\w-]+", re.sub(r">=\S+", "", modules)) if "cairo-" not in each]
    check(len(looked_for) >= 10, f"hardly any library found in cmake/: {looked_for}")
    for each in looked_for:
        check(each in names, f"cmake/ looks for {each}, of which Spack's recipe does not know")
        check(names.get(each) is None or names[each] in needed, f"Spack's recipe does not depend on {each}")

    asked = []
    run_recipe("libcsv", asked)
    versions = [options for kind, _, options in asked if kind == "version"]
    check(len(versions) == 1 and re.fullmatch("[0-9a-f]{64}", versions[0]["sha256"]), "libcsv has a checksum")


# --- Apptainer -----------------------------------------------------------------------------


def sections(text):
    """[(stage, section, its lines)]"""
    stage, found, lines = None, [], []
    for line in text.splitlines():
        if line.startswith("Stage:"):
            stage = line.split()[1]
        elif line.startswith("%"):
            lines = []
            found.append((stage, line.strip(), lines))
        elif line.startswith(" ") or not line:
            lines.append(line.strip())
        else:
            lines = []
    return found


def check_apptainer():
    found = sections((PROJECT / "packaging/apptainer/dissensus.def").read_text())
    by_name = {(stage, name): lines for stage, name, lines in found}
    for name in ("%runscript", "%test", "%help"):
        check(any(by_name.get(("final", name), [])), f"dissensus.def has no {name}")
    for line in filter(None, by_name[("build", "%files")]):
        check((PROJECT / line.split()[0]).exists(), f"dissensus.def copies {line.split()[0]}, which is not there")

    # Whatever the top CMakeLists.txt reads is copied.
    copied = {line.split()[0] for line in filter(None, by_name[("build", "%files")])}
    top = (PROJECT / "CMakeLists.txt").read_text()
    for folder in re.findall(r"^add_subdirectory\((\w+)", top, re.M):
        check(folder in copied, f"dissensus.def does not copy {folder}/")

    for stage in ("build", "final"):
        script = "\n".join(by_name[(stage, "%post")]).replace("{{ cuda }}", "none")
        check("{{" not in script, f"an argument that is not declared, in %post of {stage}")
        judged = subprocess.run(["sh", "-n"], input=script, text=True, capture_output=True)
        check(judged.returncode == 0, f"%post of {stage}: {judged.stderr}")

    # The packages are those of ./bootstrap: the line that reads them there does.
    line = next(line for line in by_name[("build", "%post")] if line.startswith("eval"))
    script = f'cd "{PROJECT}"\n{line}\necho $build_packages\n'
    read = subprocess.run(["sh", "-eu", "-c", script], text=True, capture_output=True)
    text = re.search(r"^build_packages='([^']*)'", (PROJECT / "bootstrap").read_text(), re.M).group(1)
    check(read.stdout.split() == text.split() and len(text.split()) > 8, f"packages read: {read.stdout}{read.stderr}")
    used = set(re.findall(r"--preset (\w+)", "\n".join(by_name[("build", "%post")])))
    check(used == {"package"}, f"presets {used}")
    return text.split()


def check_debian(build_packages):
    """What the package for developers depends on is what the build needs."""
    text = (PROJECT / "cmake/packages.cmake").read_text()
    depends = re.findall(r"\b(?:lib[\w.-]+|zlib1g)-dev\b", " ".join(re.findall(r'DEPENDS ".*"', text)))
    check(len(depends) >= 7, f"hardly any dependency of libdissensus-dev: {depends}")
    for each in depends:
        check(each in build_packages or each == "libopenmpi-dev", f"{each} is not among the packages of ./bootstrap")
    headers_only = {"uthash-dev", "librandom123-dev", "libinih-dev", "libc6-dev"}
    for each in build_packages:
        check(not each.endswith("-dev") or each in headers_only or each in depends,
              f"libdissensus-dev does not depend on {each}")


check_spack()
check_debian(check_apptainer())
for failure in failures:
    print(f"FAILED: {failure}")
if failures:
    sys.exit(1)
print("the recipes for Spack, Apptainer and Debian agree with the build")
