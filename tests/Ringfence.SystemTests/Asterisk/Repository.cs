namespace Ringfence.SystemTests.Asterisk;

/// <summary>Where the source tree is: the tests run the scripts and read the configuration that stand in it.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string File(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(directory.FullName, "Ringfence.slnx")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException($"Ringfence.slnx is not above {AppContext.BaseDirectory}: run the tests from a source tree");
    }
}
