import pathlib

from spack_repo.builtin.build_systems.cmake import CMakePackage
from spack_repo.builtin.build_systems.cuda import CudaPackage

from spack.package import *


class Dissensus(CMakePackage, CudaPackage):
    """Which groups of raters agree among themselves more, or less, than with
    everyone else, and whether that is more than chance: group statistics of
    (dis)agreement, tested by permutation."""

    # The checkout that this file stands in: what it has committed is what is built.
    git = pathlib.Path(__file__).resolve().parents[6].as_uri()

    license("Apache-2.0", checked_by="dissensus developers")

    version("main", branch="main")

    variant("shared", default=True, description="Build the library shared instead of static")
    variant("mpi", default=True, description="Share runs between processes by MPI")
    variant("figures", default=True, description="Draw figures with Cairo and Pango")

    depends_on("c", type="build")
    depends_on("cxx", type="build", when="+cuda")
    depends_on("cmake@3.25:", type="build")
    depends_on("ninja", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("random123", type="build")
    depends_on("uthash", type="build")

    depends_on("hdf5@1.10:+hl~mpi")
    depends_on("jansson@2.13:")
    depends_on("libcsv")
    depends_on("libunistring")
    # Threads of ours call it at once, which a build without threads may not bear.
    depends_on("openblas@0.3: threads=pthreads")
    depends_on("openssl@1.1:")
    depends_on("zlib-api")
    depends_on("mpi", when="+mpi")
    depends_on("cairo@1.16:+pdf", when="+figures")
    depends_on("pango@1.50:", when="+figures")
    depends_on("cuda@12.8:", when="+cuda")

    generator("ninja")

    def cmake_args(self):
        args = [
            self.define_from_variant("BUILD_SHARED_LIBS", "shared"),
            self.define_from_variant("DSS_CUDA", "cuda"),
            self.define_from_variant("DSS_MPI", "mpi"),
            self.define_from_variant("DSS_FIGURES", "figures"),
            self.define("DSS_BUILD_TESTS", False),
            self.define("DSS_BUILD_BENCH", False),
        ]
        architectures = self.spec.variants["cuda_arch"].value if "+cuda" in self.spec else ("none",)
        if "none" not in architectures:
            args.append(
                self.define("DSS_CUDA_ARCHITECTURES", [f"{each}-real" for each in architectures])
            )
        return args

    @run_after("install")
    @on_package_attributes(run_tests=True)
    def check_install(self):
        self.test_selftest()

    def test_selftest(self):
        """published values, through every backend of the machine"""
        dissensus = Executable(self.prefix.bin.dissensus)
        dissensus("selftest", "--quiet")
