using Ringfence.Databases;
using Xunit;

namespace Ringfence.Tests.Databases;

public sealed class ClientLibraryTests
{
    [Fact]
    public void A_library_that_is_missing_is_named_with_the_package_that_brings_it()
    {
        var problem = Assert.Throws<DatabaseException>(static () => ClientLibrary.Load(["libnosuch.so.3", "libnosuchclient.so.24"], "libnosuch3 (Debian, Ubuntu) or nosuch-connector-c (Rocky)"));

        Assert.Equal("libnosuch.so.3 is not installed: install the package libnosuch3 (Debian, Ubuntu) or nosuch-connector-c (Rocky)", problem.Message);
        Assert.Equal(DatabaseRefusal.Other, problem.Refusal);
    }

    [Fact]
    public void Any_of_its_names_will_do() =>
        Assert.NotEqual(0, ClientLibrary.Load(["libnosuch.so.3", "libc.so.6"], "libnosuch3"));
}
