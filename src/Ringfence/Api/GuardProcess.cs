using System.Text;

namespace Ringfence.Api;

/// <summary>A process that guards, and how it is ended: systemd ends only what it started.</summary>
/// <param name="IsService">systemd runs it as ringfence.service.</param>
/// <param name="Config">Its --config, a whole path where that can be known; null: it was given none.</param>
internal sealed record GuardProcess(int Id, bool IsService, string? Config)
{
    /// <summary>Behind "stop it first: ".</summary>
    public string Stop => IsService ? "systemctl stop ringfence" : $"kill {Id}";

    /// <returns>Behind "restart it: "; of a guard that is not known the service's.</returns>
    public static string Restart(GuardProcess? guard) => guard is null or { IsService: true } ? "systemctl restart ringfence" : $"kill {guard.Id}, then start it again as before";

    /// <param name="proc">Where the kernel tells of processes.</param>
    /// <remarks>cgroups(7): a line for each hierarchy, "0::/system.slice/ringfence.service"; everybody may read it.</remarks>
    public static GuardProcess Of(int id, string proc = "/proc") => new(
        id,
        Encoding.UTF8.GetString(Read($"{proc}/{id}/cgroup")).Split('\n').Any(static line => line.EndsWith("/ringfence.service", StringComparison.Ordinal)),
        ConfigOf(Encoding.UTF8.GetString(Read($"{proc}/{id}/cmdline")).Split('\0'), new FileInfo($"{proc}/{id}/cwd").LinkTarget));

    /// <returns>A file of /proc; empty: the process is gone, or not for us.</returns>
    public static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception gone) when (FileTrouble.Is(gone))
        {
            return [];
        }
    }

    private static string? ConfigOf(string[] arguments, string? directory)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            var path = arguments[i] == "--config" && i + 1 < arguments.Length ? arguments[i + 1]
                : arguments[i].StartsWith("--config=", StringComparison.Ordinal) ? arguments[i]["--config=".Length..] : null;
            if (path is not null)
            {
                return directory is null ? path : Path.GetFullPath(path, directory);
            }
        }

        return null;
    }
}
