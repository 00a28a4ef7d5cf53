using System.Runtime.InteropServices;

namespace Ringfence.Databases;

/// <summary>A library that only a PBX with such a database needs: Ringfence starts without it.</summary>
internal static class ClientLibrary
{
    /// <param name="names">Of which the first that is there is taken.</param>
    /// <param name="package">That brings the first, as people are told it.</param>
    /// <exception cref="DatabaseException">None of them is there. Nobody remembers that: once it is installed it is found.</exception>
    public static nint Load(IReadOnlyList<string> names, string package)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var library))
            {
                return library;
            }
        }

        throw new DatabaseException($"{names[0]} is not installed: install the package {package}");
    }
}
