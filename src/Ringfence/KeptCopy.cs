using System.Globalization;

namespace Ringfence;

/// <summary>The copy of a file, beside it, that is made before the file is changed: PATH.20261121T213000Z.</summary>
internal static class KeptCopy
{
    /// <summary>Makes one; in the same second again "-2" stands behind, so none is ever overwritten.</summary>
    /// <returns>The copy's path.</returns>
    /// <exception cref="IOException">It can't be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory does not allow it.</exception>
    public static string Of(string path, TimeProvider clock)
    {
        var name = $"{path}.{clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}";
        var copy = name;
        for (var number = 2; File.Exists(copy); number++)
        {
            copy = string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");
        }

        File.Copy(path, copy, overwrite: false);
        return copy;
    }
}
