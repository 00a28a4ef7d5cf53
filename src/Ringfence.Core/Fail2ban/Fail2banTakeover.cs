namespace Ringfence.Core.Fail2ban;

/// <summary>What became of one jail, or of one setting of all.</summary>
/// <param name="Subject">The jail's name; of a setting its name.</param>
/// <param name="IsTaken">Something of it is in the configuration.</param>
/// <param name="Notes">What was taken and what was not, a sentence each.</param>
internal sealed record Fail2banItem(string Subject, bool IsTaken, IReadOnlyList<string> Notes);

/// <summary>What came of reading fail2ban's configuration.</summary>
/// <param name="Settings">Lines of ringfence.conf: sections with their keys, read without a mistake.</param>
internal sealed record Fail2banTakeover(string Directory, IReadOnlyList<Fail2banItem> Items, string Settings)
{
    /// <summary>Logs that its doors read, patterns of paths replaced by what is there.</summary>
    public IReadOnlyList<string> DoorLogs { get; init; } = [];
}
