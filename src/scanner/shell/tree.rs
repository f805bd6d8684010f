//! The tree of a script, laid out flat: which commands it has, what each reads from, and what it assigns.

use std::collections::HashSet;
use std::ops::Range;

use shuck_ast::{
    ArrayElem, Assignment, AssignmentValue, BinaryOp, BourneParameterExpansion, BuiltinCommand, Command,
    CompoundCommand, ConditionalExpr, DeclOperand, HeredocBodyPart, ParameterExpansionSyntax, PatternPart, Redirect,
    RedirectTarget, SimpleCommand, Stmt, StmtSeq, Word, WordPart, WordPartNode,
};

/// A command, with where what it reads comes from, by index among the commands.
pub(super) struct Call<'t> {
    /// The command.
    pub(super) command: &'t SimpleCommand,
    /// What its input and output are.
    pub(super) redirects: &'t [Redirect],
    /// What is piped into it.
    pub(super) input: Range<usize>,
    /// What is run for its words: `$(…)`, `<(…)`.
    pub(super) inner: Range<usize>,
}

/// A script.
#[derive(Default)]
pub(super) struct Tree<'t> {
    /// Its commands; those that another is made of come first.
    pub(super) calls: Vec<Call<'t>>,
    /// What is assigned, in order; none for what is not known.
    pub(super) assignments: Vec<(&'t str, Option<&'t Word>)>,
    /// The functions that it defines.
    pub(super) functions: HashSet<&'t str>,
    /// What is piped into the commands that are being read.
    input: Range<usize>,
}

impl<'t> Tree<'t> {
    /// Lays out a script.
    pub(super) fn new(body: &'t StmtSeq) -> Self {
        let mut tree = Self::default();
        tree.sequence(body);
        tree
    }

    fn sequence(&mut self, body: &'t StmtSeq) {
        body.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &'t Stmt) {
        self.redirects(&statement.redirects);
        match &statement.command {
            Command::Simple(command) => self.simple(command, &statement.redirects),
            Command::Decl(declaration) => {
                self.assigned(&declaration.assignments);
                for operand in &declaration.operands {
                    match operand {
                        DeclOperand::Assignment(assignment) => self.assignment(assignment),
                        DeclOperand::Flag(word) | DeclOperand::Dynamic(word) => self.word(word),
                        DeclOperand::Name(_) => {}
                    }
                }
            }
            Command::Binary(_) => self.chain(statement),
            Command::Compound(compound) => self.compound(compound),
            Command::Function(function) => {
                self.functions.extend(function.static_names().map(shuck_ast::Name::as_str));
                self.statement(&function.body);
            }
            Command::AnonymousFunction(function) => self.statement(&function.body),
            Command::Builtin(builtin) => {
                let (BuiltinCommand::Break(shuck_ast::BreakCommand { depth: word, .. })
                | BuiltinCommand::Continue(shuck_ast::ContinueCommand { depth: word, .. })
                | BuiltinCommand::Return(shuck_ast::ReturnCommand { code: word, .. })
                | BuiltinCommand::Exit(shuck_ast::ExitCommand { code: word, .. })) = builtin;
                word.iter().for_each(|word| self.word(word));
            }
        }
    }

    /// `a && b || c | d`: the tree leans to the left, and a long chain leans far.
    fn chain(&mut self, statement: &'t Stmt) {
        let mut links = Vec::new();
        let mut first = statement;
        while let Command::Binary(binary) = &first.command {
            links.push(binary);
            first = &binary.left;
        }
        let outer = self.input.clone();
        let mut start = self.calls.len();
        self.statement(first);
        for link in links.into_iter().rev() {
            if matches!(link.op, BinaryOp::Pipe | BinaryOp::PipeAll) {
                self.input = start..self.calls.len();
            } else {
                self.input = outer.clone();
                start = self.calls.len();
            }
            self.statement(&link.right);
        }
        self.input = outer;
    }

    fn compound(&mut self, compound: &'t CompoundCommand) {
        match compound {
            CompoundCommand::If(branch) => {
                self.sequence(&branch.condition);
                self.sequence(&branch.then_branch);
                for (condition, body) in &branch.elif_branches {
                    self.sequence(condition);
                    self.sequence(body);
                }
                branch.else_branch.iter().for_each(|body| self.sequence(body));
            }
            CompoundCommand::For(each) => {
                let names = each.targets.iter().filter_map(|target| target.name.as_ref());
                self.assignments.extend(names.map(|name| (name.as_str(), None)));
                each.words.iter().flatten().for_each(|word| self.word(word));
                self.sequence(&each.body);
            }
            CompoundCommand::Foreach(each) => self.each(&each.variable, &each.words, &each.body),
            CompoundCommand::Select(each) => self.each(&each.variable, &each.words, &each.body),
            CompoundCommand::Repeat(repeat) => self.sequence(&repeat.body),
            CompoundCommand::ArithmeticFor(each) => self.sequence(&each.body),
            CompoundCommand::While(each) => {
                self.sequence(&each.condition);
                self.sequence(&each.body);
            }
            CompoundCommand::Until(each) => {
                self.sequence(&each.condition);
                self.sequence(&each.body);
            }
            CompoundCommand::Case(case) => {
                self.word(&case.word);
                case.cases.iter().for_each(|case| self.sequence(&case.body));
            }
            CompoundCommand::Subshell(body) | CompoundCommand::BraceGroup(body) => self.sequence(body),
            CompoundCommand::Time(time) => time.command.iter().for_each(|command| self.statement(command)),
            CompoundCommand::Coproc(coproc) => self.statement(&coproc.body),
            CompoundCommand::Always(always) => {
                self.sequence(&always.body);
                self.sequence(&always.always_body);
            }
            CompoundCommand::Conditional(test) => self.test(&test.expression),
            CompoundCommand::Arithmetic(_) => {}
        }
    }

    /// What stands between `[[` and `]]`: a long chain of it leans far.
    fn test(&mut self, expression: &'t ConditionalExpr) {
        let mut left = vec![expression];
        while let Some(expression) = left.pop() {
            match expression {
                ConditionalExpr::Binary(both) => left.extend([&*both.right, &*both.left]),
                ConditionalExpr::Unary(one) => left.push(&one.expr),
                ConditionalExpr::Parenthesized(inner) => left.push(&inner.expr),
                ConditionalExpr::Word(word) | ConditionalExpr::Regex(word) => self.word(word),
                ConditionalExpr::Pattern(pattern) => {
                    for part in &pattern.parts {
                        if let PatternPart::Word(word) = &part.kind {
                            self.word(word);
                        }
                    }
                }
                ConditionalExpr::VarRef(_) => {}
            }
        }
    }

    fn each(&mut self, variable: &'t shuck_ast::Name, words: &'t [Word], body: &'t StmtSeq) {
        self.assignments.push((variable.as_str(), None));
        words.iter().for_each(|word| self.word(word));
        self.sequence(body);
    }

    fn simple(&mut self, command: &'t SimpleCommand, redirects: &'t [Redirect]) {
        let start = self.calls.len();
        // An assignment before a command holds for that command alone.
        if command.name.span.start == command.name.span.end && command.args.is_empty() {
            self.assigned(&command.assignments);
        } else {
            command.assignments.iter().for_each(|assignment| self.value(&assignment.value));
        }
        self.word(&command.name);
        command.args.iter().for_each(|word| self.word(word));
        let inner = start..self.calls.len();
        self.calls.push(Call { command, redirects, input: self.input.clone(), inner });
    }

    fn assigned(&mut self, assignments: &'t [Assignment]) {
        assignments.iter().for_each(|assignment| self.assignment(assignment));
    }

    fn assignment(&mut self, assignment: &'t Assignment) {
        let value = match &assignment.value {
            AssignmentValue::Scalar(word) if !assignment.append && assignment.target.subscript.is_none() => Some(word),
            _ => None,
        };
        self.assignments.push((assignment.target.name.as_str(), value));
        self.value(&assignment.value);
    }

    fn value(&mut self, value: &'t AssignmentValue) {
        match value {
            AssignmentValue::Scalar(word) => self.word(word),
            AssignmentValue::Compound(array) => {
                for element in &array.elements {
                    let (ArrayElem::Sequential(value)
                    | ArrayElem::Keyed { value, .. }
                    | ArrayElem::KeyedAppend { value, .. }) = element;
                    self.word(&value.word);
                }
            }
        }
    }

    fn redirects(&mut self, redirects: &'t [Redirect]) {
        for redirect in redirects {
            match &redirect.target {
                RedirectTarget::Word(word) => self.word(word),
                RedirectTarget::Heredoc(heredoc) => {
                    for part in &heredoc.body.parts {
                        if let HeredocBodyPart::CommandSubstitution { body, .. } = &part.kind {
                            self.apart(body);
                        }
                    }
                }
            }
        }
    }

    /// What is run for a word reads nothing from the pipe that the command is in.
    fn apart(&mut self, body: &'t StmtSeq) {
        let outer = std::mem::take(&mut self.input);
        self.sequence(body);
        self.input = outer;
    }

    fn word(&mut self, word: &'t Word) {
        self.parts(&word.parts);
    }

    fn parts(&mut self, parts: &'t [WordPartNode]) {
        for part in parts {
            match &part.kind {
                WordPart::DoubleQuoted { parts, .. } => self.parts(parts),
                WordPart::CommandSubstitution { body, .. } | WordPart::ProcessSubstitution { body, .. } => {
                    self.apart(body);
                }
                WordPart::Parameter(parameter) => {
                    let ParameterExpansionSyntax::Bourne(syntax) = &parameter.syntax else { continue };
                    if let BourneParameterExpansion::Operation { operator, reference, operand_word_ast, .. } = syntax
                        && matches!(**operator, shuck_ast::ParameterOp::AssignDefault)
                    {
                        self.assignments.push((reference.name.as_str(), operand_word_ast.as_deref()));
                    }
                    syntax.operand_word_ast().into_iter().for_each(|word| self.word(word));
                }
                _ => {}
            }
        }
    }
}
