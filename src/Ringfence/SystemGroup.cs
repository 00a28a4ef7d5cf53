using System.Globalization;
using System.Runtime.InteropServices;

namespace Ringfence;

/// <summary>The group whose members may use the guard's socket, and read the configuration that says where it is, without being root.</summary>
internal static partial class SystemGroup
{
    private const string Name = "ringfence";

    /// <summary>Gives a file to the group, if there is one and the caller may; else it stays with the caller's own (a test, a trial from a shell).</summary>
    public static void Give(string path)
    {
        if (Id() is { } group)
        {
            _ = ChangeOwner(path, uint.MaxValue, group);
        }
    }

    // group(5): name:password:id:members. packaging/ringfence.sysusers makes it in this file; a directory service's groups are not asked.
    private static uint? Id()
    {
        if (!File.Exists("/etc/group"))
        {
            return null;
        }

        foreach (var line in File.ReadLines("/etc/group"))
        {
            var fields = line.Split(':');
            if (fields.Length >= 3 && string.Equals(fields[0], Name, StringComparison.Ordinal) && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                return id;
            }
        }

        return null;
    }

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int ChangeOwner(string path, uint owner, uint group);
}
