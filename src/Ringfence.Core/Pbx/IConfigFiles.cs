namespace Ringfence.Core.Pbx;

/// <summary>The files that a configuration is read from: a directory of the machine, an auditor's archive, or a test's own.</summary>
internal interface IConfigFiles
{
    /// <summary>The existing regular files that match a path that may be a pattern, in glob(3)'s order: <see cref="PathPattern"/>.</summary>
    /// <param name="pattern">An absolute path.</param>
    IReadOnlyList<string> Match(string pattern);

    /// <returns>null if it can't be read, for whatever reason.</returns>
    byte[]? Read(string path);

    /// <summary>What was asked for, is there, and was not read, with the reason: "/etc/asterisk/manager.conf Permission denied".</summary>
    IReadOnlyCollection<string> Problems => [];
}
