using System.Globalization;

namespace Ringfence;

/// <summary>The copy of a file that stays beside it when the file is changed: <c>manager.conf.20261121T020000Z</c>.</summary>
internal static class KeptCopy
{
    /// <summary>Copies a file as it is, with its owner and mode. An older copy is never overwritten: within one second they are counted up.</summary>
    /// <returns>The copy's path.</returns>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory does not allow it.</exception>
    public static string Of(string path, TimeProvider clock)
    {
        var dated = $"{path}.{clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}";
        var copy = dated;
        for (var count = 2; Path.Exists(copy); count++)
        {
            copy = string.Create(CultureInfo.InvariantCulture, $"{dated}-{count}");
        }

        File.Copy(path, copy, overwrite: false);
        AtomicFile.GiveToOwnerOf(path, copy);
        return copy;
    }
}
