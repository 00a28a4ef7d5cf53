namespace Ringfence.Core.Pbx;

/// <summary>A change of one file. Line numbers are those of the file as it was read, whatever other edits do.</summary>
/// <param name="File">As a <see cref="Place"/> names it.</param>
internal abstract record FileEdit(string File);

/// <param name="Text">Without a line end; the line's own is kept.</param>
internal sealed record ReplaceLine(string File, int Line, string Text) : FileEdit(File);

internal sealed record RemoveLine(string File, int Line) : FileEdit(File);

/// <param name="Line">0: above the first line.</param>
/// <param name="Lines">Without line ends; they get those of the line above.</param>
internal sealed record InsertLines(string File, int Line, IReadOnlyList<string> Lines) : FileEdit(File);

/// <summary>Lines at the end of the file, which is made if it is not there.</summary>
internal sealed record AppendLines(string File, IReadOnlyList<string> Lines) : FileEdit(File);
