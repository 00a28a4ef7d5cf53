namespace Ringfence.Core.Pbx;

/// <summary>The files that a configuration is read from: a directory of the machine, an auditor's archive, or a test's own.</summary>
internal interface IConfigFiles
{
    /// <summary>The existing regular files that match a path whose last part or directories may hold <c>* ? [..]</c>, sorted by name as glob(3) does.</summary>
    /// <param name="pattern">An absolute path.</param>
    IReadOnlyList<string> Match(string pattern);

    /// <returns>null if it can't be read, for whatever reason.</returns>
    byte[]? Read(string path);
}
