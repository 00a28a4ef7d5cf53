namespace Ringfence.Core.Pbx;

/// <summary>One line of a file in Asterisk's syntax that says something.</summary>
/// <param name="Number">1-based.</param>
/// <param name="Start">Offset of its first byte in the file.</param>
internal abstract record ConfigLine(int Number, int Start);

/// <summary><c>[name](!,base,+)</c></summary>
/// <param name="IsTemplate"><c>!</c>: only there to be inherited from.</param>
/// <param name="Bases">Sections that it inherits from, in order; an empty name, as in <c>(base,)</c>, is the first section of all.</param>
/// <param name="IsAddition"><c>+</c>: adds to the section of that name that stands above.</param>
/// <param name="AdditionFilter">What follows the <c>+</c>, such as "type=endpoint": <see cref="SectionFilter"/>; empty: the first section of that name.</param>
internal sealed record SectionLine(
    int Number, int Start, string Name, bool IsTemplate, IReadOnlyList<string> Bases, bool IsAddition, string AdditionFilter)
    : ConfigLine(Number, Start);

/// <summary><c>name = value</c>, <c>name => value</c> or <c>name += value</c></summary>
/// <param name="Value">Without comment and outer blanks, save those behind <c>+=</c>, which Asterisk appends; <c>\;</c> is already a semicolon. Bytes that are not UTF-8 are U+FFFD.</param>
internal sealed record SettingLine(int Number, int Start, string Name, string Value, SettingOperator Operator)
    : ConfigLine(Number, Start);

internal enum SettingOperator
{
    /// <summary><c>=</c></summary>
    Set,

    /// <summary><c>=></c>: the same to the reader; marks an object (extension, mailbox) to people.</summary>
    Object,

    /// <summary><c>+=</c>: the text is put behind the last value of that name in the section.</summary>
    Append,
}

/// <summary><c>#include</c>, <c>#tryinclude</c> or <c>#exec</c> with its argument, quotes removed.</summary>
internal sealed record DirectiveLine(int Number, int Start, ConfigDirective Directive, string Argument)
    : ConfigLine(Number, Start);

internal enum ConfigDirective
{
    Include,

    /// <summary>An include that may be missing.</summary>
    TryInclude,

    /// <summary>Asterisk runs the command when execincludes=yes and reads what it prints. Never run here.</summary>
    Exec,
}

/// <summary>A line that Asterisk does not understand; <see cref="AsteriskFile.Problems"/> says why.</summary>
/// <param name="IsSetting">Asterisk takes it for a setting, and refuses it where no section is open.</param>
internal sealed record BrokenLine(int Number, int Start, bool IsSetting) : ConfigLine(Number, Start);
