from spack_repo.builtin.build_systems.autotools import AutotoolsPackage

from spack.package import *


class Libcsv(AutotoolsPackage):
    """A small, streaming reader and writer of CSV in ANSI C."""

    homepage = "https://github.com/rgamble/libcsv"
    # Debian's copy of the release: as published, less files that are not free.
    url = "https://deb.debian.org/debian/pool/main/libc/libcsv/libcsv_3.0.3+dfsg.orig.tar.gz"

    license("LGPL-2.1-or-later", checked_by="dissensus developers")

    version(
        "3.0.3",
        sha256="06fddfaca720a4be7603bad63eb1833bca5b6c5a69b42b1c518a02cda2a73aef",
        url=url,
    )

    depends_on("c", type="build")
