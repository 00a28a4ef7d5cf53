using System.Reflection;

namespace Ringfence;

/// <summary>What this build is.</summary>
internal static class Versions
{
    /// <value>"0.1.0": without the commit that the SDK appends after a plus sign.</value>
    public static readonly string Own =
        typeof(Versions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
